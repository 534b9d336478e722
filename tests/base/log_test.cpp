#include "base/log.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

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
    log::set_level(log::Level::info);
    log::set_color(false);
  }
};

TEST_F(Log, OneLinePerMessage) {
  EXPECT_EQ(stderr_of(log_all), "ldznet: info: two\nldznet: warning: three\nldznet: error: four\n");
}

TEST_F(Log, DropsMessagesBelowTheLevel) {
  log::set_level(log::Level::debug);
  EXPECT_EQ(stderr_of([] { log::debug("one"); }), "ldznet: debug: one\n");
  log::set_level(log::Level::error);
  EXPECT_EQ(stderr_of(log_all), "ldznet: error: four\n");
  log::set_level(log::Level::off);
  EXPECT_EQ(stderr_of(log_all), "");
}

TEST_F(Log, MessagesAreNoFormatStrings) {
  EXPECT_EQ(stderr_of([] { log::info("{} %s {0"); }), "ldznet: info: {} %s {0\n");
}

TEST_F(Log, ColoursOnRequest) {
  log::set_color(true);
  EXPECT_NE(stderr_of(log_all).find("\x1b["), std::string::npos);
}

}  // namespace
}  // namespace ldznet
