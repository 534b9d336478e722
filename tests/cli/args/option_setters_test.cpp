#include "cli/args/option_setters.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ldznet::cli {

namespace {

/// What the setter says about a value, or "" when it takes it.
std::string complaint(const Setter& set, const std::string& value) {
  try {
    set(value);
  } catch (const std::invalid_argument& wrong) {
    return wrong.what();
  }
  return "";
}

class ShardSetter : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

  static void clear() {
    for (const char* name :
         {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT", "JOB_COMPLETION_INDEX"})
      ::unsetenv(name);
  }

  static Shard read(const std::string& value) {
    Shard part;
    shard(part)(value);
    return part;
  }
};

TEST(OptionSetters, Colors) {
  using Rgb = std::array<std::uint8_t, 3>;
  std::optional<Rgb> variable;
  for (const auto& [text, expected] : {std::pair{"#ff8001", Rgb{255, 128, 1}},
                                       {"#f80", Rgb{255, 136, 0}},
                                       {"white", Rgb{255, 255, 255}},
                                       {"green", Rgb{0, 128, 0}}}) {
    color(variable)(text);
    EXPECT_EQ(variable, expected);
  }
  for (const char* wrong : {"", "#", "ff8001", "#ff80", "#ff80011", "#gg8001", "#-f8001", "puce", "#+12345"})
    EXPECT_NE(complaint(color(variable), wrong), "") << wrong;
}

TEST(OptionSetters, Booleans) {
  for (const char* yes : {"true", "yes", "on", "1"}) EXPECT_EQ(parse_boolean(yes), true);
  for (const char* no : {"false", "no", "off", "0"}) EXPECT_EQ(parse_boolean(no), false);
  for (const char* other : {"", "True", "2", "y", "enable"}) EXPECT_EQ(parse_boolean(other), std::nullopt);
  bool variable = true;
  boolean(variable)("off");
  EXPECT_FALSE(variable);
  EXPECT_EQ(complaint(boolean(variable), "maybe"), "must be true or false, not \"maybe\"");
}

TEST(OptionSetters, Integers) {
  int variable = 0;
  const Setter set = integer(variable, -2, 100);
  for (const auto& [text, value] : {std::pair{"7", 7}, {"-2", -2}, {"010", 10}, {"100", 100}}) {
    set(text);
    EXPECT_EQ(variable, value);
  }
  for (const char* wrong : {"", "-3", "101", "1.0", "0x10", "1e1", "+1", " 1", "1 ", "99999999999999999999"})
    EXPECT_EQ(complaint(set, wrong), std::string("must be a whole number from -2 to 100, not \"") + wrong + "\"");
  std::uint64_t large = 0;
  const Setter unbounded = integer(large, 0, std::numeric_limits<std::uint64_t>::max());
  unbounded("18446744073709551615");
  EXPECT_EQ(large, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(complaint(unbounded, "-1"), "must be a whole number, 0 or more, not \"-1\"");
}

TEST(OptionSetters, Numbers) {
  std::optional<double> variable;
  const Setter set = number(variable, 0, 1);
  set("0.25");
  EXPECT_EQ(variable, 0.25);
  set("1e-3");
  EXPECT_EQ(variable, 0.001);
  for (const char* wrong : {"", "nan", "inf", "-0.1", "1.01", "0.5x", "0,5"})
    EXPECT_EQ(complaint(set, wrong), std::string("must be a number from 0 to 1, not \"") + wrong + "\"");
}

TEST(OptionSetters, Texts) {
  std::string text;
  EXPECT_EQ(complaint(string(text), ""), "must not be empty");
  string(text)("a b");
  EXPECT_EQ(text, "a b");
  std::vector<std::string> list;
  append_string(list)("");
  append_string(list)("a,b");
  EXPECT_EQ(list, (std::vector<std::string>{"", "a,b"}));
}

TEST(OptionSetters, Choices) {
  std::string variable;
  const Setter set = choice(variable, {"a", "b"});
  set("b");
  EXPECT_EQ(variable, "b");
  EXPECT_EQ(complaint(set, "c"), "must be a or b, not \"c\"");
}

TEST(OptionSetters, CommaSeparatedLists) {
  std::vector<std::string> words;
  choice_list(words, {"a", "b"})("b,a,b");
  EXPECT_EQ(words, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(complaint(choice_list(words, {"a", "b"}), "a,"), "must be a or b, not \"\"");

  std::vector<OutputKind> kinds;
  kind_list(kinds)("overlay,mask,overlay");
  EXPECT_EQ(kinds, (std::vector<OutputKind>{OutputKind::overlay, OutputKind::mask}));
  EXPECT_NE(complaint(kind_list(kinds), "mask,panoptic").find("not \"panoptic\""), std::string::npos);

  std::vector<std::string> texts;
  string_list(texts)("x,y");
  string_list(texts)("x");
  EXPECT_EQ(texts, (std::vector<std::string>{"x", "y", "x"}));
  EXPECT_NE(complaint(string_list(texts), "x,,y"), "");

  std::vector<int> numbers;
  integer_list(numbers, 0, 999)("100,200");
  EXPECT_EQ(numbers, (std::vector<int>{100, 200}));
  EXPECT_NE(complaint(integer_list(numbers, 0, 999), "1,1000"), "");
}

TEST(Shard, TakesEveryCountThPicture) {
  EXPECT_EQ((Shard{2, 3}.of(8)), (std::vector<std::size_t>{1, 4, 7}));
  EXPECT_EQ((Shard{3, 3}.of(2)), (std::vector<std::size_t>{}));
  EXPECT_EQ(Shard{}.of(3), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Shard, Name) {
  EXPECT_EQ((Shard{2, 8}.name()), "2-of-8");
  EXPECT_EQ(Shard{}.name(), "");
}

TEST_F(ShardSetter, ReadsIndexAndCount) {
  EXPECT_EQ(read("2/8").index, 2);
  EXPECT_EQ(read("2/8").count, 8);
  for (const char* wrong : {"", "3", "0/2", "3/2", "1/0", "a/2", "1/b", "-1/2", "1/2/3", "/2", "auto"})
    EXPECT_THROW(read(wrong), std::invalid_argument) << wrong;
}

TEST_F(ShardSetter, ReadsTheSchedulersVariablesOnRequest) {
  ::setenv("JOB_COMPLETION_INDEX", "0", 1);
  EXPECT_EQ(read("/4").index, 1);
  ::setenv("SLURM_ARRAY_TASK_ID", "7", 1);
  ::setenv("SLURM_ARRAY_TASK_MIN", "5", 1);
  ::setenv("SLURM_ARRAY_TASK_COUNT", "4", 1);
  EXPECT_EQ(read("/4").index, 3);
  EXPECT_EQ(read("auto").index, 3);
  EXPECT_EQ(read("auto").count, 4);
  EXPECT_THROW(read("/2"), std::invalid_argument);  // part 3 of 2
  ::setenv("SLURM_ARRAY_TASK_ID", "x", 1);
  EXPECT_THROW(read("auto"), std::invalid_argument);
}

}  // namespace
}  // namespace ldznet::cli
