#include "cli/commands/prediction_sources.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

namespace fs = std::filesystem;

TEST(PredictionSources, AFolderIsNamedByItsLastPartOrByTheUser) {
  const test::TemporaryFolder folder;
  const std::string plain = folder.path() / "pred", sign = folder.path() / "a=b";
  fs::create_directory(plain);
  fs::create_directory(sign);
  EXPECT_EQ(parse_predictions(plain).name, "pred");
  EXPECT_EQ(parse_predictions(plain + "/").name, "pred");
  EXPECT_EQ(parse_predictions("theirs=" + plain).name, "theirs");
  EXPECT_EQ(parse_predictions("theirs=" + plain).folder, plain);
  EXPECT_EQ(parse_predictions(sign).folder, sign) << "a slash before the sign makes it a folder";
}

TEST(PredictionSources, MistakesHaveTheirCodes) {
  const test::TemporaryFolder folder;
  const auto code = [](const std::string& text) {
    try {
      parse_predictions(text);
      return ErrorCode::internal;
    } catch (const Error& error) {
      return error.code();
    }
  };
  EXPECT_EQ(code("=" + folder.path().string()), ErrorCode::usage);
  EXPECT_EQ(code("x="), ErrorCode::usage);
  EXPECT_EQ(code(folder.path() / "nowhere"), ErrorCode::missing_input);
  EXPECT_EQ(code(folder.write("file", "")), ErrorCode::missing_input);
}

TEST(PredictionSources, TwoMethodsNeedTwoNames) {
  const test::TemporaryFolder folder;
  EvalCommand command;
  command.predictions = {"a=" + folder.path().string(), "a=" + folder.path().string()};
  EXPECT_THROW(PredictionSources{command}, Error);
  command.predictions[1][0] = 'b';
  EXPECT_EQ(PredictionSources(command).names(), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace ldznet::cli
