#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <variant>

#include "base/printable.h"
#include "cli/args/app.h"
#include "cli/process/load_library.h"
#include "cli/process/process_tuning.h"
#include "cli/texts/generate.h"
#include "ldznet/error.h"

namespace {

// Bytes that are prepared while the libraries load: less than most networks take that the main thread loads.
constexpr std::size_t kHeap = std::size_t{64} << 20;

bool runs_networks(const ldznet::cli::Command& command) {
  return !std::holds_alternative<ldznet::cli::InfoCommand>(command) &&
         !std::holds_alternative<ldznet::cli::TokenizeCommand>(command);
}

/// Prints a text; returns the exit code.
int print(const std::string& text, std::FILE* stream = stdout) {
  const bool printed = std::fputs(text.c_str(), stream) >= 0 && std::fflush(stream) == 0;
  return printed ? 0 : static_cast<int>(ldznet::ErrorCode::cannot_write);
}

/// Prints help or version; returns the exit code.
int answer(const ldznet::cli::CommandLine& line) {
  const int code = print(line.answer, line.complete ? stdout : stderr);
  return code != 0 || line.complete ? code : static_cast<int>(ldznet::ErrorCode::usage);
}

void say(const char* level, const std::string& text) {
  std::fprintf(stderr, "ldznet: %s: %s\n", level, ldznet::safe_lines(text).c_str());
}

int report(ldznet::ErrorCode code, const std::string& text) {
  say("error", text);
  return static_cast<int>(code);
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
    // Not in the help: the build makes the installed files with it.
    if (argc == 3 && std::string(argv[1]) == "--generate") return print(ldznet::cli::generate(argv[2]));
    const ldznet::cli::CommandLine line = ldznet::cli::parse_command_line(argc, argv);
    if (!line.command) return answer(line);
    for (const std::string& warning : line.warnings) say("warning", warning);
    ldznet::cli::check_working_folder();
    ldznet::cli::tune_process();
    ldznet::cli::report_shortened_files();
    if (runs_networks(*line.command))
      if (std::thread thread = ldznet::cli::prefault_heap(kHeap); thread.joinable()) thread.detach();
    leave(ldznet::cli::load_library()(&*line.command, LDZNET_VERSION));
  } catch (const ldznet::Error& error) {
    return report(error.code(), message(error));
  } catch (const std::exception& error) {
    return report(ldznet::ErrorCode::internal, error.what());
  }
}
