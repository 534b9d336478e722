#include "cli/process/text_input.h"

#include <gtest/gtest.h>

#include <fstream>

#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

std::vector<std::string> lines_of(const std::string& content) {
  const std::string file = testing::TempDir() + "text_input.txt";
  std::ofstream(file, std::ios::binary) << content;
  return read_lines(file, "--list");
}

using Lines = std::vector<std::string>;

}  // namespace

TEST(TextInput, Lines) {
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("a\nb"), (Lines{"a", "b"}));
  EXPECT_EQ(lines_of("a\r\n\r\nb\n"), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines_of("\xEF\xBB\xBFpanda\n"), Lines{"panda"});
}

TEST(TextInput, NulSeparatesWhereThereIsOne) {
  EXPECT_EQ(lines_of(std::string("a\nb\0c\r\0", 7)), (Lines{"a\nb", "c\r"}));
}

TEST(TextInput, AMissingFileNamesTheOption) {
  try {
    read_lines("/nowhere/list.txt", "--list");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::missing_input);
    EXPECT_NE(std::string(error.what()).find("--list: cannot open /nowhere/list.txt"), std::string::npos);
  }
  EXPECT_THROW(read_lines(testing::TempDir(), "--list"), Error);
}

}  // namespace ldznet::cli
