#include "bundle/torch_errors.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <string_view>

namespace ldznet {

namespace {

bool contains_one_of(const std::string& message, std::span<const std::string_view> phrases) {
  return std::ranges::any_of(phrases,
                             [&](std::string_view phrase) { return message.find(phrase) != std::string::npos; });
}

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // oneDNN says only that it could not do something. Inputs that it does not support go to other operators, so that
  // what remains is memory: for its own objects, for code that it generates, and for scratch space.
  constexpr std::array<std::string_view, 6> kPhrases = {"can't allocate memory",
                                                        "not enough memory",
                                                        "out of memory",
                                                        "could not create a memory object",
                                                        "could not create a primitive",
                                                        "could not execute a primitive"};
  return contains_one_of(error.what(), kPhrases);
}

bool is_device_failure(const std::exception& error) {
  constexpr std::array<std::string_view, 5> kPhrases = {"CUDA error", "cuDNN error", "CUDNN_STATUS", "CUBLAS_STATUS",
                                                        "CUSOLVER_STATUS"};
  return contains_one_of(error.what(), kPhrases);
}

std::string brief(const std::string& message) {
  constexpr std::string_view kOperator = "RuntimeError: ";
  const std::size_t found = message.rfind(kOperator);
  const std::size_t start = found == std::string::npos ? 0 : found + kOperator.size();
  return message.substr(start, message.find('\n', start) - start);
}

}  // namespace ldznet
