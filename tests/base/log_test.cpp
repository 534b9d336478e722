#include "base/log.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ldznet {
namespace {

/// What `work` writes to stderr. It must write nothing to stdout.
std::string stderr_of(const std::function<void()>& work) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  work();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  return testing::internal::GetCapturedStderr();
}

void log_all() {
  log::debug("one");
  log::info("two");
  log::warn("three");
  log::error("four");
}

class Log : public testing::Test {
 protected:
  void SetUp() override { reset(); }
  void TearDown() override { reset(); }

  static void reset() {
    set_log_handler({});
    log::set_color(false);
  }
};

TEST_F(Log, TheLibraryPrintsNothingOfItself) { EXPECT_EQ(stderr_of(log_all), ""); }

TEST_F(Log, AHandlerTakesTheMessages) {
  using Messages = std::vector<std::pair<LogLevel, std::string>>;
  Messages taken;
  const LogHandler take = [&](LogLevel level, std::string_view message) { taken.emplace_back(level, message); };
  set_log_handler(take, LogLevel::warning);
  EXPECT_EQ(stderr_of(log_all), "");
  EXPECT_EQ(taken, (Messages{{LogLevel::warning, "three"}, {LogLevel::error, "four"}}));
  taken.clear();
  set_log_handler(take);
  log_all();
  EXPECT_EQ(taken.size(), 3U) << "without the one for debugging";
}

TEST_F(Log, OneLinePerMessage) {
  log::write_to_stderr();
  EXPECT_EQ(stderr_of(log_all), "ldznet: info: two\nldznet: warning: three\nldznet: error: four\n");
}

TEST_F(Log, DropsMessagesBelowTheLevel) {
  log::write_to_stderr(LogLevel::debug);
  EXPECT_EQ(stderr_of([] { log::debug("one"); }), "ldznet: debug: one\n");
  log::write_to_stderr(LogLevel::error);
  EXPECT_EQ(stderr_of(log_all), "ldznet: error: four\n");
}

TEST_F(Log, MessagesAreNoFormatStrings) {
  log::write_to_stderr();
  EXPECT_EQ(stderr_of([] { log::info("{} %s {0"); }), "ldznet: info: {} %s {0\n");
}

TEST_F(Log, ColoursOnRequest) {
  log::write_to_stderr();
  log::set_color(true);
  EXPECT_NE(stderr_of(log_all).find("\x1b["), std::string::npos);
}

}  // namespace
}  // namespace ldznet
