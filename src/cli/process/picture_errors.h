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

}  // namespace ldznet::cli
