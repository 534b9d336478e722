// Errors: what the library throws.
//
//     try {
//       const ldznet::Image image = ldznet::read_image("zoo.png");
//     } catch (const ldznet::Error& error) {
//       std::cerr << ldznet::message(error) << "\n";  // what went wrong, where, and what to do about it
//       return static_cast<int>(error.code());
//     }
#pragma once

#include <stdexcept>
#include <string>

namespace ldznet {

/// The kind of an error, which is also the program's exit code (sysexits.h).
enum class ErrorCode {
  usage = 64,          ///< wrong command line, or options that the bundle does not support
  bad_image = 65,      ///< the input is damaged or of an unknown type
  missing_input = 66,  ///< the input does not exist
  device = 69,         ///< the requested device is not available
  internal = 70,       ///< an error in ldznet or in a network
  cannot_write = 73,   ///< an output cannot be written
  out_of_memory = 75,  ///< memory ran out, on the CPU or on a CUDA device
  bad_config = 78,     ///< wrong configuration or bundle
};

/// The code's name in JSON, for example "bad_image".
const char* name(ErrorCode code);

/// Every error of the library: what() says what failed and where, hint() what to do about it.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& what, std::string hint = "");
  ErrorCode code() const { return code_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string hint_;
};

/// The text to show to a person: what(), followed by the hint as a sentence of its own.
std::string message(const Error& error);

}  // namespace ldznet
