#include <cstdio>
#include <cstdlib>

#include "cli/args/app.h"
#include "cli/process/load_library.h"
#include "cli/process/process_tuning.h"
#include "ldznet/error.h"

namespace {

/// Prints help or version; returns the exit code.
int answer(const ldznet::cli::CommandLine& line) {
  std::FILE* stream = line.complete ? stdout : stderr;
  const bool printed = std::fputs(line.answer.c_str(), stream) >= 0 && std::fflush(stream) == 0;
  if (!printed) return static_cast<int>(ldznet::ErrorCode::cannot_write);
  return line.complete ? 0 : static_cast<int>(ldznet::ErrorCode::usage);
}

/// Ends the process without the destructors of the libraries' global objects, which take LibTorch longer than a small
/// picture takes the networks. Everything has been written by then: output files and results without buffers, and
/// what libraries print is flushed here.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace

int main(int argc, char** argv) {
  ldznet::cli::open_standard_streams();
  try {
    const ldznet::cli::CommandLine line = ldznet::cli::parse_command_line(argc, argv);
    if (!line.command) return answer(line);
    ldznet::cli::tune_process();
    leave(ldznet::cli::load_library()(&*line.command, LDZNET_VERSION));
  } catch (const ldznet::Error& error) {
    std::fprintf(stderr, "ldznet: error: %s\n", message(error).c_str());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ldznet: error: %s\n", error.what());
    return static_cast<int>(ldznet::ErrorCode::internal);
  }
}
