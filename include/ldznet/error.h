#pragma once

#include <stdexcept>
#include <string>

namespace ldznet {

/// What went wrong, as the exit code the program ends with (sysexits.h).
enum class ErrorCode {
  usage = 64,          ///< bad command line
  bad_image = 65,      ///< the input cannot be used
  missing_input = 66,  ///< the input does not exist
  device = 69,         ///< the asked-for device is not there
  internal = 70,       ///< a fault of ours
  cannot_write = 73,   ///< an output cannot be written
  out_of_memory = 75,  ///< memory ran out; the hint says which option helps
  bad_config = 78,     ///< bad configuration or bundle
};

/// The code's name in JSON answers, for example "bad_image".
const char* name(ErrorCode code);

/// Every failure the library reports: where and what in `what()`, what to do about it in `hint()`.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& what, std::string hint = "");
  ErrorCode code() const { return code_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string hint_;
};

/// What a person reads: what() and, as a sentence of its own, the hint.
std::string message(const Error& error);

}  // namespace ldznet
