#pragma once

#include <exception>
#include <string>

#include "ldznet/error.h"

namespace ldznet {

/// Whether LibTorch or the C++ library ran out of memory, on the CPU or a CUDA device. The TorchScript interpreter
/// rethrows operators' exceptions as another type, so the message is searched as well.
bool is_out_of_memory(const std::exception& error);

/// Whether a CUDA device or one of its libraries failed, as opposed to an operator that refuses its inputs.
bool is_device_failure(const std::exception& error);

/// The line of a LibTorch message that describes the problem: the failing operator's, else the first.
std::string brief(const std::string& message);

/// Runs `work` and converts exceptions to Error: an Error passes unchanged, out of memory becomes
/// Error(out_of_memory), a failing CUDA device Error(internal) where `code` would blame the bundle, anything else
/// Error(`code`) with `hint`. `doing` starts the message.
template <typename Work>
auto with_errors(ErrorCode code, const std::string& doing, const std::string& hint, Work&& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) throw Error(ErrorCode::out_of_memory, doing + ": memory ran out");
    const bool of_device = code == ErrorCode::bad_config && is_device_failure(error);
    throw Error(of_device ? ErrorCode::internal : code, doing + ": " + brief(error.what()), of_device ? "" : hint);
  }
}

}  // namespace ldznet
