#pragma once

#include <exception>
#include <string>

#include "ldznet/error.h"

namespace ldznet {

/// Whether LibTorch or the C++ library ran out of memory, on the CPU or a CUDA device. The TorchScript interpreter
/// rethrows operators' exceptions as another type, so the message is searched as well.
bool is_out_of_memory(const std::exception& error);

/// The line of a LibTorch message that describes the problem: the failing operator's, else the first.
std::string brief(const std::string& message);

/// Runs `work` and converts exceptions to Error: an Error passes unchanged, out of memory becomes
/// Error(out_of_memory), anything else Error(`code`) with `hint`. `doing` starts the message.
template <typename Work>
auto with_errors(ErrorCode code, const std::string& doing, const std::string& hint, Work&& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) throw Error(ErrorCode::out_of_memory, doing + ": memory ran out");
    throw Error(code, doing + ": " + brief(error.what()), hint);
  }
}

}  // namespace ldznet
