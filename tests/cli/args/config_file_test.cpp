#include "cli/args/config_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace ldznet::cli {

namespace {

std::string file_of(const std::string& text) {
  const std::string file = testing::TempDir() + "config_file.toml";
  std::ofstream(file) << text;
  return file;
}

std::string complaint(const std::string& file, ErrorCode code) {
  try {
    read_config_file(file, "segment");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "";
}

using Values = std::vector<std::string>;

}  // namespace

TEST(ConfigFile, ReadsTopLevelKeysAndTheCommandsTable) {
  const std::string file = file_of("threshold = 0.4\n[eval]\nlimit = 3\n[segment]\nprompt = [\"panda\", \"sky\"]\n");
  const ConfigFile content = read_config_file(file, "segment");
  ASSERT_EQ(content.other_tables.size(), 1u);
  EXPECT_EQ(content.other_tables[0].name, "eval");
  const std::vector<Setting>& settings = content.settings;
  ASSERT_EQ(settings.size(), 2u);
  const bool first = settings[0].name == "threshold";
  const Setting &threshold = settings[first ? 0 : 1], &prompt = settings[first ? 1 : 0];
  EXPECT_EQ(threshold.values, Values{"0.4"});
  EXPECT_EQ(threshold.origin, file + ", line 1: threshold");
  EXPECT_EQ(prompt.name, "prompt");
  EXPECT_EQ(prompt.values, (Values{"panda", "sky"}));
  EXPECT_EQ(prompt.origin, file + ", line 5: prompt");
}

TEST(ConfigFile, ValuesAreTextAsOnTheCommandLine) {
  const std::string file =
      file_of("a = true\nb = 18\nc = 0.1\nd = \"x = \\\"y\\\"\"\ne = 1e-3\nf = 0x10\ng = '''\nlong'''\nh = []\n");
  std::map<std::string, Values> values;
  for (const Setting& setting : read_config_file(file, "segment").settings) values[setting.name] = setting.values;
  EXPECT_EQ(values["a"], Values{"true"});
  EXPECT_EQ(values["b"], Values{"18"});
  EXPECT_EQ(values["c"], Values{"0.1"});
  EXPECT_EQ(values["d"], Values{"x = \"y\""});
  EXPECT_EQ(values["e"], Values{"0.001"});
  EXPECT_EQ(values["f"], Values{"16"});
  EXPECT_EQ(values["g"], Values{"long"});
  EXPECT_EQ(values["h"], Values{});
}

TEST(ConfigFile, MistakesNameTheLine) {
  const std::string date = complaint(file_of("\nthreshold = 2020-01-01\n"), ErrorCode::bad_config);
  EXPECT_NE(date.find("line 2: threshold must be a string, a number"), std::string::npos) << date;
  const std::string nested = complaint(file_of("[segment]\n[segment.more]\nx = 1\n"), ErrorCode::bad_config);
  EXPECT_NE(nested.find("more must be"), std::string::npos) << nested;
  const std::string syntax = complaint(file_of("a = 1\nb = \n"), ErrorCode::bad_config);
  EXPECT_NE(syntax.find("line 2"), std::string::npos) << syntax;
}

TEST(ConfigFile, MustBeARegularFile) {
  EXPECT_NE(complaint("/nowhere/x.toml", ErrorCode::missing_input).find("/nowhere/x.toml"), std::string::npos);
  EXPECT_NE(complaint(testing::TempDir(), ErrorCode::bad_config).find("not a regular file"), std::string::npos);
}

}  // namespace ldznet::cli
