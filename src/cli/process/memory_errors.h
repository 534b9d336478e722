#pragma once

#include <string>

#include "ldznet/error.h"

namespace ldznet::cli {

// What to do when memory runs out. The library's own errors say nothing about it, because it names no options.

inline constexpr const char* kHintForWork = "Use a smaller --size or a smaller --batch-size.";
inline constexpr const char* kHintForLoading =
    "Close other programs, or use --precision bf16, which halves the weights.";

/// The error for a picture, or without a name for a command, that does not fit into memory.
inline Error out_of_memory(const std::string& picture = "") {
  return {ErrorCode::out_of_memory, (picture.empty() ? "" : picture + ": ") + "memory ran out", kHintForWork};
}

/// The error itself, with a hint if it is one about memory that has none.
inline Error with_memory_hint(const Error& error, const char* hint = kHintForWork) {
  const bool needs_hint = error.code() == ErrorCode::out_of_memory && error.hint().empty();
  return needs_hint ? Error(error.code(), error.what(), hint) : error;
}

}  // namespace ldznet::cli
