#include "base/log.h"

#include <fcntl.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "base/printable.h"

namespace ldznet::log {
namespace {

using Sink = spdlog::sinks::ansicolor_sink<spdlog::details::console_mutex>;

constexpr const char* kPattern = "ldznet: %^%l%$: %v";

int descriptor = STDERR_FILENO;  // of the log's file

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto sink = std::make_shared<Sink>(stderr, spdlog::color_mode::never);
    auto made = std::make_shared<spdlog::logger>("ldznet", sink);
    made->set_pattern(kPattern);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_level(Level level) {
  switch (level) {
    case Level::debug:
      return logger().set_level(spdlog::level::debug);
    case Level::info:
      return logger().set_level(spdlog::level::info);
    case Level::warn:
      return logger().set_level(spdlog::level::warn);
    case Level::error:
      return logger().set_level(spdlog::level::err);
    case Level::off:
      return logger().set_level(spdlog::level::off);
  }
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

void debug(std::string_view message) { logger().debug("{}", safe_lines(message)); }
void info(std::string_view message) { logger().info("{}", safe_lines(message)); }
void warn(std::string_view message) { logger().warn("{}", safe_lines(message)); }
void error(std::string_view message) { logger().error("{}", safe_lines(message)); }

}  // namespace ldznet::log
