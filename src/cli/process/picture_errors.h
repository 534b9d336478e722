#pragma once

#include <new>
#include <optional>
#include <string>
#include <system_error>

#include "cli/process/memory_errors.h"
#include "cli/process/system_errors.h"
#include "ldznet/error.h"

namespace ldznet::cli {

/// Does some work on a picture and returns the Error that it threw, if any. When memory ran out, the error names the
/// picture, not the network that failed; one with a hint does so already. Other exceptions, such as OutputClosed and
/// Interrupted, pass through.
template <typename Work>
std::optional<Error> error_of(const std::string& picture, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code() == ErrorCode::out_of_memory && error.hint().empty() ? out_of_memory(picture) : error;
  } catch (const std::bad_alloc&) {
    return out_of_memory(picture);
  } catch (const std::system_error& error) {
    return as_error(error);
  }
  return std::nullopt;
}

/// Whether an error of this kind is about one picture, so that others may succeed.
inline bool is_about_one_picture(ErrorCode code) {
  return code == ErrorCode::bad_image || code == ErrorCode::missing_input || code == ErrorCode::out_of_memory;
}

}  // namespace ldznet::cli
