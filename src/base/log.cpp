#include "base/log.h"

#include <fcntl.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "base/printable.h"

namespace ldznet::log {
namespace {

using Sink = spdlog::sinks::ansicolor_sink<spdlog::details::console_mutex>;

constexpr const char* kPattern = "ldznet: %^%l%$: %v";

int descriptor = STDERR_FILENO;  // of the log's file

LogHandler handler;  // empty: messages are dropped
LogLevel lowest = LogLevel::info;

/// Writes to stderr.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<Sink>(stderr, spdlog::color_mode::never);
    auto made = std::make_shared<spdlog::logger>("ldznet", sink);
    made->set_pattern(kPattern);
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

void pass_on(LogLevel level, std::string_view message) {
  if (handler && level >= lowest) handler(level, safe_lines(message));
}

}  // namespace

void write_to_stderr(LogLevel least) {
  set_log_handler([](LogLevel level, std::string_view message) { logger().log(level_of(level), "{}", message); },
                  least);
}

void set_color(bool on) {
  const auto mode = on ? spdlog::color_mode::always : spdlog::color_mode::never;
  static_cast<Sink&>(*logger().sinks().front()).set_color_mode(mode);
}

void keep_stderr() {
  if (descriptor != STDERR_FILENO) return;
  const int copy = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  std::FILE* file = copy < 0 ? nullptr : ::fdopen(copy, "w");
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (file == nullptr || nowhere < 0) return;
  auto sink = std::make_shared<Sink>(file, spdlog::color_mode::never);
  sink->set_pattern(kPattern);
  logger().sinks() = {sink};
  descriptor = copy;
  ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

int stderr_descriptor() { return descriptor; }

void debug(std::string_view message) { pass_on(LogLevel::debug, message); }
void info(std::string_view message) { pass_on(LogLevel::info, message); }
void warn(std::string_view message) { pass_on(LogLevel::warning, message); }
void error(std::string_view message) { pass_on(LogLevel::error, message); }

}  // namespace ldznet::log

namespace ldznet {

void set_log_handler(LogHandler handler, LogLevel least) {
  log::handler = std::move(handler);
  log::lowest = least;
}

}  // namespace ldznet
