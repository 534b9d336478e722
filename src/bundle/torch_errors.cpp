#include "bundle/torch_errors.h"

#include <c10/util/Exception.h>

#include <array>
#include <new>

namespace ldznet {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  constexpr std::array<const char*, 4> kPhrases = {"can't allocate memory", "not enough memory", "out of memory",
                                                   "could not create a memory object"};
  const std::string message = error.what();
  for (const char* phrase : kPhrases)
    if (message.find(phrase) != std::string::npos) return true;
  return false;
}

std::string brief(const std::string& message) {
  constexpr std::string_view kOperator = "RuntimeError: ";
  const std::size_t found = message.rfind(kOperator);
  const std::size_t start = found == std::string::npos ? 0 : found + kOperator.size();
  return message.substr(start, message.find('\n', start) - start);
}

}  // namespace ldznet
