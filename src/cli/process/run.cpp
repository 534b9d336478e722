#include "cli/process/run.h"

#include <csignal>
#include <new>
#include <string>

#include "base/log.h"
#include "cli/process/interrupt.h"
#include "cli/process/memory_errors.h"
#include "cli/process/standard_output.h"
#include "cli/process/system_errors.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

int report(ErrorCode code, const std::string& text) {
  log::error(text);
  return static_cast<int>(code);
}

/// Runs the command; every exception becomes an exit code.
int run_guarded(const Command& command) {
  try {
    return std::visit([](const auto& options) { return run(options); }, command);
  } catch (const Error& error) {
    return report(error.code(), message(with_memory_hint(error)));
  } catch (const Interrupted&) {
    return InterruptWatch::exit_code();
  } catch (const OutputClosed&) {
    return 128 + SIGPIPE;  // the exit code of a program that SIGPIPE ends
  } catch (const std::bad_alloc&) {
    return report(ErrorCode::out_of_memory, message(out_of_memory()));
  } catch (const std::system_error& error) {
    const Error known = as_error(error);
    return report(known.code(), message(known));
  } catch (const std::exception& error) {
    return report(ErrorCode::internal, std::string("internal error: ") + error.what());
  }
}

const LogOptions& log_options(const Command& command) {
  return std::visit([](const auto& options) -> const LogOptions& { return options.log; }, command);
}

void set_up_log(const Command& command) {
  const LogOptions& options = log_options(command);
  log::write_to_stderr(options.quiet ? LogLevel::warning : options.verbose ? LogLevel::debug : LogLevel::info);
  const auto* segment = std::get_if<SegmentCommand>(&command);
  log::set_color(stderr_is_terminal() && colors_wanted(segment == nullptr || !segment->no_color));
}

/// Drops what libraries write to stderr, unless --verbose is given: our own log reports it with advice.
void silence_libraries(const Command& command) {
  if (!log_options(command).verbose) log::keep_stderr();
}

}  // namespace

}  // namespace ldznet::cli

extern "C" __attribute__((visibility("default"))) int ldznet_run(const ldznet::cli::Command* command,
                                                                 const char* version) {
  using namespace ldznet::cli;
  ldznet::log::write_to_stderr();
  // Before anything else: another version's command may have another layout.
  if (std::string(version) != LDZNET_VERSION)
    return report(ldznet::ErrorCode::bad_config, std::string("the program has version ") + version +
                                                     " and its library " LDZNET_VERSION ". Install both together.");
  for (const int number : {SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);  // writing reports the error
  const InterruptWatch watch;
  silence_libraries(*command);
  set_up_log(*command);
  return run_guarded(*command);
}
