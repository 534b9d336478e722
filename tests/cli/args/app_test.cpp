#include "cli/args/app.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <vector>

#include "ldznet/error.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {

namespace {

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "ldznet");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string complaint(const std::vector<const char*>& words) {
  try {
    parse(words);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return message(error);
  }
  return "";
}

}  // namespace

TEST(App, ReadsACommand) {
  const CommandLine line = parse({"segment", "zoo.png", "-p", "panda", "--seed", "7", "--save", "mask,overlay"});
  ASSERT_TRUE(line.command);
  const auto& command = std::get<SegmentCommand>(*line.command);
  EXPECT_EQ(command.inputs, std::vector<std::string>{"zoo.png"});
  EXPECT_EQ(command.prompts, std::vector<std::string>{"panda"});
  EXPECT_EQ(command.segment.seed, 7u);
  EXPECT_EQ(command.save, (std::vector<OutputKind>{OutputKind::mask, OutputKind::overlay}));
}

TEST(App, EveryCommandIsListedAndHasHelp) {
  const std::string overview = parse({"--help"}).answer;
  for (const char* name : {"segment", "worker", "eval", "features", "probe", "bench", "info", "tokenize"}) {
    EXPECT_NE(overview.find(std::string("\n  ") + name + " "), std::string::npos) << name;
    const CommandLine line = parse({name, "--help"});
    EXPECT_FALSE(line.command);
    EXPECT_TRUE(line.complete);
    const std::string title = std::string("ldznet ") + name + ": ";
    ASSERT_EQ(line.answer.find(title), 0u) << line.answer;
    const std::string summary = line.answer.substr(title.size(), line.answer.find('\n') - title.size());
    EXPECT_NE(overview.find(" " + summary.substr(0, 20)), std::string::npos) << summary;
  }
}

TEST(App, HelpIsACommandToo) {
  EXPECT_EQ(parse({"help"}).answer, parse({"--help"}).answer);
  EXPECT_EQ(parse({"help", "info"}).answer, parse({"info", "--help"}).answer);
  EXPECT_NE(complaint({"help", "segmnt"}).find("Did you mean segment?"), std::string::npos);
}

TEST(App, TheHelpOfTheWorkerSaysWhenItWritesFiles) {
  EXPECT_NE(parse({"segment", "--help"}).answer.find("[default: mask]"), std::string::npos);
  const std::string help = std::regex_replace(parse({"worker", "--help"}).answer, std::regex("\\s+"), " ");
  EXPECT_EQ(help.find("[default: mask]"), std::string::npos);
  EXPECT_NE(help.find("[default: mask if --output is given, else no files]"), std::string::npos);
}

TEST(App, VersionNamesTheCommitAndTheLibraries) {
  EXPECT_TRUE(
      std::regex_match(parse({"--version"}).answer, std::regex("ldznet [0-9.]+( \\([0-9a-f]{10}(-dirty)?\\))?\n")));
  const CommandLine libraries = parse({"--version", "-v"});
  ASSERT_TRUE(libraries.command);
  EXPECT_TRUE(std::get<InfoCommand>(*libraries.command).program_only);
  EXPECT_NE(complaint({"--version", "-x"}).find("unexpected argument"), std::string::npos);
}

TEST(App, VariablesAndTablesThatMeanNothingAreWarnedAbout) {
  const test::TemporaryFolder folder;
  const std::string file = folder.write("config.toml", "[segmnt]\nsize = 1\n[worker]\n[zzzzzzzz]\n").string();
  ::setenv("LDZNET_TRESHOLD", "1", 1);
  ::setenv("LDZNET_MIN_AREA", "1", 1);
  const CommandLine line = parse({"segment", "a.png", "-p", "x", "--config", file.c_str()});
  ::unsetenv("LDZNET_TRESHOLD");
  ::unsetenv("LDZNET_MIN_AREA");
  std::string warnings;  // of other variables, too: the tests are run with some
  for (const std::string& warning : line.warnings) warnings += warning + "\n";
  for (const char* expected : {"[segmnt] is ignored, because there is no command segmnt. Did you mean segment?\n",
                               "there is no command zzzzzzzz", "Did you mean LDZNET_THRESHOLD?"})
    EXPECT_NE(warnings.find(expected), std::string::npos) << expected << " in\n" << warnings;
  for (const char* unexpected : {"[worker]", "MIN_AREA"})
    EXPECT_EQ(warnings.find(unexpected), std::string::npos) << unexpected << " in\n" << warnings;
}

TEST(App, AFileForTheJsonIsNoPicture) {
  const Error error = test::error_of([] { parse({"segment", "zoo.png", "-p", "panda", "--json", "no-such.txt"}); });
  EXPECT_EQ(error.code(), ErrorCode::missing_input);
  EXPECT_NE(message(error).find("use --json=no-such.txt"), std::string::npos);
}

TEST(App, ForgottenWordsAreGuessed) {
  EXPECT_NE(complaint({"zoo.png", "-p", "panda"}).find("Did you mean ldznet segment zoo.png?"), std::string::npos);
  EXPECT_NE(complaint({"segment", "zoo.png", "panda"}).find("\"panda\" was read as a picture"), std::string::npos);
  EXPECT_EQ(complaint({"segment", "zoo.png"}).find("was read as"), std::string::npos);
}

TEST(App, AMissingCommandIsAnError) {
  EXPECT_FALSE(parse({}).complete);
  EXPECT_NE(complaint({"--prompt", "panda"}).find("missing command"), std::string::npos);
  EXPECT_NE(complaint({"segmnt"}).find("Did you mean segment?"), std::string::npos);
}

TEST(App, OptionsAreCheckedAgainstEachOther) {
  EXPECT_NE(complaint({"segment", "a.png"}).find("no prompt is given"), std::string::npos);
  EXPECT_NE(complaint({"segment", "a.png", "-p", "x", "--boxes"}).find("--boxes needs --json"), std::string::npos);
  EXPECT_NE(complaint({"eval", "set", "--save-as", "mask"}).find("--save-predictions"), std::string::npos);
  EXPECT_NE(complaint({"probe", "set", "--train-share", "1"}).find("--train-share"), std::string::npos);
  EXPECT_NE(complaint({"worker", "-o", "-"}).find("--output - is stdout"), std::string::npos);
  for (const char* command : {"features", "eval", "probe", "info", "bench"})
    EXPECT_NE(complaint({command, ""}).find("is empty"), std::string::npos) << command;
}

}  // namespace ldznet::cli
