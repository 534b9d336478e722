#pragma once

#include <exception>
#include <string>

#include "ldznet/error.h"

namespace ldznet {

/// True when LibTorch or the C++ library says that memory ran out, on the CPU or on a CUDA device. An operator's own
/// exception type is lost on the way through the TorchScript interpreter, so the text is looked at, too.
bool is_out_of_memory(const std::exception& error);

/// The line of a LibTorch message that says what is wrong: a failing operator's, else the first.
std::string brief(const std::string& message);

/// Runs `work` and turns what it throws into an Error: an Error stays as it is, memory that ran out becomes
/// Error(out_of_memory), anything else Error(`code`) with `hint`. The message starts with `doing`.
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
