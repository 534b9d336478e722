#include "ldznet/error.h"

#include <utility>

namespace ldznet {

const char* name(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::bad_image:
      return "bad_image";
    case ErrorCode::missing_input:
      return "missing_input";
    case ErrorCode::device:
      return "device";
    case ErrorCode::internal:
      return "internal";
    case ErrorCode::cannot_write:
      return "cannot_write";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::bad_config:
      return "bad_config";
  }
  return "internal";
}

Error::Error(ErrorCode code, const std::string& what, std::string hint)
    : std::runtime_error(what), code_(code), hint_(std::move(hint)) {}

std::string message(const Error& error) {
  const std::string what = error.what();
  return error.hint().empty() ? what : what + (what.ends_with('.') ? " " : ". ") + error.hint();
}

}  // namespace ldznet
