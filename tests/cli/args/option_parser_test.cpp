#include "cli/args/option_parser.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/args/option_setters.h"

namespace ldznet::cli {

namespace {

/// A small command with one option of every kind, and its variables.
struct Fixture {
  std::vector<std::string> inputs, prompts;
  std::optional<double> threshold;
  std::optional<std::string> json;
  int count = 1;
  bool quiet = false, verbose = false;
  OptionParser parser{{.name = "look",
                       .summary = "look at pictures",
                       .usage = "INPUT... [OPTIONS]",
                       .description = "Looks.",
                       .examples = "  ldznet look a.png\n"}};

  Fixture() {
    parser.positionals(inputs, 0, 2);
    parser.group("Pictures");
    parser.add({.names = "-p,--prompt",
                .value = "TEXT",
                .help = "A prompt.",
                .set = append_string(prompts),
                .repeatable = true});
    parser.add({.names = "-t,--threshold",
                .value = "X",
                .help = "A number.",
                .default_text = "0.5",
                .set = number(threshold, 0, 1)});
    parser.add({.names = "--json",
                .value = "FILE",
                .help = "JSON.",
                .set = string(json),
                .implicit_value = "-",
                .value_endings = {".json"}});
    parser.add({.names = "--count", .value = "N", .help = "A count.", .set = integer(count, -9, 9)});
    parser.add_config_file();
    parser.group("Display");
    parser.add({.names = "-q,--quiet", .help = "Less.", .set = boolean(quiet)});
    parser.add({.names = "-v,--verbose", .help = "More.", .set = boolean(verbose)});
    parser.exclusive("quiet", "verbose");
  }
};

/// Sets variables of the environment for the life of a test.
class Variables {
 public:
  Variables(std::initializer_list<std::pair<std::string, std::string>> variables) {
    for (const auto& [name, value] : variables) {
      ::setenv(name.c_str(), value.c_str(), 1);
      names_.push_back(name);
    }
  }
  ~Variables() {
    for (const std::string& name : names_) ::unsetenv(name.c_str());
  }
  Variables(const Variables&) = delete;

 private:
  std::vector<std::string> names_;
};

std::string config_file(const std::string& text) {
  const std::string file = testing::TempDir() + "option_parser.toml";
  std::ofstream(file) << text;
  return file;
}

/// The error's code and message for these arguments.
std::pair<ErrorCode, std::string> error_of(const std::vector<std::string>& arguments) {
  Fixture fixture;
  try {
    fixture.parser.parse(arguments);
  } catch (const Error& error) {
    return {error.code(), message(error)};
  }
  ADD_FAILURE() << "no error";
  return {};
}

void expect_error(const std::vector<std::string>& arguments, ErrorCode code, const std::string& words) {
  const auto [got, text] = error_of(arguments);
  EXPECT_EQ(got, code) << text;
  EXPECT_NE(text.find(words), std::string::npos) << text;
}

using Words = std::vector<std::string>;

}  // namespace

TEST(OptionParser, ReadsOptionsAndPositionalsInAnyOrder) {
  Fixture f;
  EXPECT_TRUE(f.parser.parse({"a.png", "-p", "panda", "--threshold=0.25", "-q", "b.png", "--prompt", "sky"}));
  EXPECT_EQ(f.inputs, (Words{"a.png", "b.png"}));
  EXPECT_EQ(f.prompts, (Words{"panda", "sky"}));
  EXPECT_EQ(f.threshold, 0.25);
  EXPECT_TRUE(f.quiet);
}

TEST(OptionParser, ReadsClusteredAndAttachedShortOptions) {
  Fixture f;
  f.parser.parse({"-qp", "panda", "-t0.5", "-psky"});
  EXPECT_TRUE(f.quiet);
  EXPECT_EQ(f.prompts, (Words{"panda", "sky"}));
  EXPECT_EQ(f.threshold, 0.5);
}

TEST(OptionParser, AValueMayLookLikeAnOption) {
  Fixture f;
  f.parser.parse({"--prompt=-t", "--prompt=--help", "--prompt", "--", "--count", "-5", "-p", "[a,b]"});
  EXPECT_EQ(f.prompts, (Words{"-t", "--help", "--", "[a,b]"}));
  EXPECT_EQ(f.count, -5);
}

TEST(OptionParser, TheLastOfSeveralValuesCounts) {
  Fixture f;
  f.parser.parse({"--count", "3", "--count", "4"});
  EXPECT_EQ(f.count, 4);
}

TEST(OptionParser, WordsAfterTwoDashesArePositionals) {
  Fixture f;
  f.parser.parse({"--", "--threshold", "--"});
  EXPECT_EQ(f.inputs, (Words{"--threshold", "--"}));
}

TEST(OptionParser, PositionalsAreTakenAsWritten) {
  Fixture f;
  f.parser.parse({"[a,b]", "++"});
  EXPECT_EQ(f.inputs, (Words{"[a,b]", "++"}));
}

TEST(OptionParser, AnOptionalValueIsTakenByItsEnding) {
  Fixture bare, file, other, attached, no;
  bare.parser.parse({"--json", "a.png"});
  EXPECT_EQ(bare.json, "-");
  EXPECT_EQ(bare.inputs, Words{"a.png"});
  file.parser.parse({"--json", "out.json", "a.png"});
  EXPECT_EQ(file.json, "out.json");
  other.parser.parse({"--prompt=--json", "a.json"});
  EXPECT_EQ(other.prompts, Words{"--json"});
  EXPECT_EQ(other.inputs, Words{"a.json"});
  attached.parser.parse({"--json=out.txt"});
  EXPECT_EQ(attached.json, "out.txt");
  no.parser.parse({"--json=no"});
  EXPECT_EQ(no.json, std::nullopt);
}

TEST(OptionParser, HelpWinsOverMistakes) {
  EXPECT_FALSE(Fixture().parser.parse({"--threshold", "2", "--nonsense", "-h"}));
  EXPECT_FALSE(Fixture().parser.parse({"a", "b", "c", "--help"}));
  EXPECT_FALSE(Fixture().parser.parse({"-qh"}));
}

TEST(OptionParser, MistakesOfTheCommandLineAreUsageErrors) {
  expect_error({"--treshold", "1"}, ErrorCode::usage, "there is no option --treshold. Did you mean --threshold?");
  expect_error({"--thresh=1"}, ErrorCode::usage, "there is no option --thresh. Did you mean --threshold?");
  expect_error({"---json"}, ErrorCode::usage, "there is no option ---json. Did you mean --json?");
  expect_error({"-5"}, ErrorCode::usage, "there is no option -5");
  expect_error({"-x"}, ErrorCode::usage, "there is no option -x");
  expect_error({"-prompt", "x"}, ErrorCode::usage, "Did you mean --prompt?");
  expect_error({"a", "b", "c"}, ErrorCode::usage, "unexpected argument \"c\"");
  expect_error({"--threshold", "2"}, ErrorCode::usage, "--threshold must be a number from 0 to 1, not \"2\"");
  expect_error({"-t", "x"}, ErrorCode::usage, "--threshold must be");
  expect_error({"--quiet=perhaps"}, ErrorCode::usage, "--quiet must be true or false");
}

TEST(OptionParser, AMissingValueNamesItsOption) {
  expect_error({"-p"}, ErrorCode::usage, "--prompt needs a value: --prompt TEXT");
  expect_error({"-qp"}, ErrorCode::usage, "--prompt needs a value");
  expect_error({"a.png", "--count"}, ErrorCode::usage, "--count needs a value: --count N");
  expect_error({"--count="}, ErrorCode::usage, "--count needs a value");
  for (const std::string next : {"--prompt", "--json", "--json=out.json", "-p"})
    expect_error({"-p", next, "a.png"}, ErrorCode::usage,
                 "the next word is the option " + next + ". To use that word as the value, write --prompt=" + next);
}

TEST(OptionParser, NamesAreNotEmptyButTextsMayBe) {
  std::vector<std::string> words;
  OptionParser texts({.name = "tokenize"});
  texts.positionals(words, 0, 2);
  texts.parse({"", "a"});
  EXPECT_EQ(words, (std::vector<std::string>{"", "a"}));
  OptionParser names({.name = "info"});
  names.positionals(words, 0, 2, "the bundle");
  try {
    names.parse({"a", ""});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the name of the bundle is empty");
  }
}

TEST(OptionParser, AMissingPositionalShowsTheUsage) {
  std::vector<std::string> words;
  OptionParser parser({.name = "info", .usage = "BUNDLE [OPTIONS]"});
  parser.positionals(words, 1, 1);
  try {
    parser.parse({});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "missing argument: ldznet info BUNDLE [OPTIONS]");
  }
}

TEST(OptionParser, TheCommandLineWinsOverVariablesAndTheseOverTheFile) {
  const std::string file = config_file("threshold = 0.1\ncount = 3\n[look]\nprompt = [\"a\", \"b\"]\n[other]\nx = 1\n");
  const Variables variables{{"LDZNET_CONFIG", file}, {"LDZNET_COUNT", "2"}, {"LDZNET_HELP", "yes"}};
  Fixture f;
  EXPECT_TRUE(f.parser.parse({"--threshold", "0.9"}));
  EXPECT_EQ(f.threshold, 0.9);
  EXPECT_EQ(f.count, 2);
  EXPECT_EQ(f.prompts, (Words{"a", "b"}));
}

TEST(OptionParser, MistakesElsewhereAreBadConfigurationAndNameTheirOrigin) {
  {
    const Variables variables{{"LDZNET_THRESHOLD", "high"}};
    expect_error({}, ErrorCode::bad_config, "LDZNET_THRESHOLD must be a number from 0 to 1, not \"high\"");
  }
  const auto with = [](const std::string& text) { return Words{"--config", config_file(text)}; };
  expect_error(with("\n\nthreshold = 3\n"), ErrorCode::bad_config, "line 3: threshold must be a number");
  expect_error(with("treshold = 3\n"), ErrorCode::bad_config, "line 1: treshold is not an option of ldznet look");
  expect_error(with("treshold = 3\n"), ErrorCode::bad_config, "Did you mean threshold?");
  expect_error(with("threshold = [0.1, 0.2]\n"), ErrorCode::bad_config, "line 1: threshold takes one value");
  expect_error(with("config = \"x\"\n"), ErrorCode::bad_config, "config is not an option");
  expect_error(with("help = true\n"), ErrorCode::bad_config, "help is not an option");
  expect_error({"--config", "/nowhere.toml"}, ErrorCode::missing_input, "/nowhere.toml");
}

TEST(OptionParser, BooleansOfVariablesAndFiles) {
  const Variables variables{{"LDZNET_QUIET", "off"}, {"LDZNET_JSON", "yes"}};
  Fixture f;
  f.parser.parse({"--config", config_file("quiet = true\njson = \"x.json\"\nverbose = true\n")});
  EXPECT_FALSE(f.quiet);  // a no from the variable
  EXPECT_EQ(f.json, "-");
  EXPECT_TRUE(f.verbose);
}

TEST(OptionParser, OnlyOneOfTwoExclusiveOptions) {
  expect_error({"-q", "-v"}, ErrorCode::usage, "--quiet and --verbose cannot be used together");
  Fixture no, stronger;
  EXPECT_TRUE(no.parser.parse({"--quiet=false", "-v"}));
  EXPECT_TRUE(no.verbose);
  const Variables variables{{"LDZNET_QUIET", "1"}};
  EXPECT_TRUE(stronger.parser.parse({"-v"}));
  EXPECT_TRUE(stronger.verbose);
  EXPECT_FALSE(stronger.quiet);
}

TEST(OptionParser, SettingsFromElsewhere) {
  Fixture f;
  f.parser.set({{"threshold", {"0.25"}, "\"threshold\""}, {"prompt", {"a", "b"}, "\"prompt\""}}, ErrorCode::usage);
  EXPECT_EQ(f.threshold, 0.25);
  EXPECT_EQ(f.prompts, (Words{"a", "b"}));
  EXPECT_THROW(f.parser.set({{"nothing", {"1"}, "\"nothing\""}}, ErrorCode::usage), Error);
}

TEST(OptionParser, Help) {
  EXPECT_EQ(Fixture().parser.help(),
            "ldznet look: look at pictures\n"
            "\n"
            "Usage: ldznet look INPUT... [OPTIONS]\n"
            "\n"
            "Looks.\n"
            "\n"
            "Pictures:\n"
            "  -p, --prompt TEXT       A prompt.\n"
            "  -t, --threshold X       A number. [default: 0.5]\n"
            "      --json [FILE]       JSON.\n"
            "      --count N           A count.\n"
            "      --config FILE       Read options from a TOML file with lines like\n"
            "                          \"min-area = 64\". The table [look] applies to this\n"
            "                          command only.\n"
            "\n"
            "Display:\n"
            "  -q, --quiet             Less.\n"
            "  -v, --verbose           More.\n"
            "  -h, --help              Print this help.\n"
            "\n"
            "Examples:\n"
            "  ldznet look a.png\n");
}

}  // namespace ldznet::cli
