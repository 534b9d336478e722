#include "cli/process/run.h"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>

#include "base/log.h"
#include "cli/process/interrupt.h"
#include "ldznet/bundle.h"
#include "ldznet/error.h"
#include "output/standard_output.h"

namespace ldznet::cli {

namespace {

int report(ErrorCode code, const std::string& text) {
  log::error(text);
  return static_cast<int>(code);
}

/// Runs the request; every way it can end becomes an exit code.
int run_guarded(const Request& request) {
  try {
    return std::visit([](const auto& command) { return run(command); }, request);
  } catch (const Error& error) {
    return report(error.code(), message(error));
  } catch (const Interrupted&) {
    return InterruptWatch::exit_code();
  } catch (const OutputClosed&) {
    return 128 + SIGPIPE;  // what a program gets that does not look
  } catch (const std::bad_alloc&) {
    return report(ErrorCode::out_of_memory, "memory ran out. Use a smaller --size or a smaller --batch-size.");
  } catch (const std::exception& error) {
    return report(ErrorCode::internal, std::string("internal error: ") + error.what());
  }
}

void set_up_log(const Request& request) {
  const LogOptions& talk = std::visit([](const auto& command) -> const LogOptions& { return command.log; }, request);
  log::set_level(talk.quiet ? log::Level::warn : talk.verbose ? log::Level::debug : log::Level::info);
  const auto* segment = std::get_if<SegmentCommand>(&request);
  log::set_color(stderr_is_terminal() && colors_wanted(segment == nullptr || !segment->no_color));
}

/// OpenCV tells std::cerr in its own words about every damaged picture; our log, which tells the user what to do about
/// it, writes to stderr by another way.
void silence_libraries(const Request& request) {
  const bool verbose = std::visit([](const auto& command) { return command.log.verbose; }, request);
  if (!verbose) std::cerr.rdbuf(nullptr);
}

}  // namespace

bool colors_wanted(bool asked) {
  const char* no_color = std::getenv("NO_COLOR");
  return asked && (no_color == nullptr || *no_color == '\0');
}

bool progress_wanted(const LogOptions& log, bool no_progress) {
  return stderr_is_terminal() && !no_progress && !log.quiet;
}

std::filesystem::path bundle_folder(const std::string& named) {
  return named.empty() ? default_bundle_directory() : std::filesystem::path(named);
}

}  // namespace ldznet::cli

extern "C" __attribute__((visibility("default"))) int ldznet_run(const ldznet::cli::Request* request,
                                                                 const char* version) {
  using namespace ldznet::cli;
  set_up_log(*request);
  silence_libraries(*request);
  if (std::string(version) != LDZNET_VERSION)
    return report(ldznet::ErrorCode::internal, std::string("the program is version ") + version +
                                                   ", its library " LDZNET_VERSION ". Install both together.");
  std::signal(SIGPIPE, SIG_IGN);
  const InterruptWatch watch;
  return run_guarded(*request);
}
