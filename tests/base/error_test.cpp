#include "ldznet/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ldznet {
namespace {

TEST(Error, CodesHaveNamesOfTheirOwn) {
  EXPECT_STREQ(name(ErrorCode::bad_image), "bad_image");
  std::set<std::string> names;
  for (const ErrorCode code :
       {ErrorCode::usage, ErrorCode::bad_image, ErrorCode::missing_input, ErrorCode::device, ErrorCode::internal,
        ErrorCode::cannot_write, ErrorCode::out_of_memory, ErrorCode::bad_config})
    EXPECT_TRUE(names.insert(name(code)).second) << name(code);
}

TEST(Error, CodesAreThoseOfSysexits) {
  EXPECT_EQ(static_cast<int>(ErrorCode::usage), 64);
  EXPECT_EQ(static_cast<int>(ErrorCode::bad_image), 65);
  EXPECT_EQ(static_cast<int>(ErrorCode::missing_input), 66);
  EXPECT_EQ(static_cast<int>(ErrorCode::device), 69);
  EXPECT_EQ(static_cast<int>(ErrorCode::internal), 70);
  EXPECT_EQ(static_cast<int>(ErrorCode::cannot_write), 73);
  EXPECT_EQ(static_cast<int>(ErrorCode::out_of_memory), 75);
  EXPECT_EQ(static_cast<int>(ErrorCode::bad_config), 78);
}

TEST(Error, MessageAppendsTheHintAsASentence) {
  EXPECT_EQ(message(Error(ErrorCode::usage, "no such file")), "no such file");
  EXPECT_EQ(message(Error(ErrorCode::usage, "no such file", "Check the path.")), "no such file. Check the path.");
  EXPECT_EQ(message(Error(ErrorCode::usage, "It failed.", "Try again.")), "It failed. Try again.");
}

}  // namespace
}  // namespace ldznet
