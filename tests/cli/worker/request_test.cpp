#include "cli/worker/request.h"

#include <gtest/gtest.h>

namespace ldznet::cli {

namespace {

std::string complaint(const std::string& line) {
  const PictureRequest request = read_request(line, {});
  return request.error ? message(*request.error) : "";
}

}  // namespace

TEST(Request, TakesWhatItLeavesOutFromTheDefaults) {
  SegmentCommand defaults;
  defaults.threshold = 0.4;
  defaults.save = {OutputKind::mask};
  defaults.segment.seed = 3;
  const PictureRequest request = read_request(
      R"({"id": {"n": 1}, "image": "zoo.png", "prompts": ["panda", "a|b"], "min_area": 5, "save": "overlay"})",
      defaults);
  ASSERT_FALSE(request.error);
  EXPECT_EQ(request.id, R"({"n":1})");
  EXPECT_EQ(request.picture, "zoo.png");
  EXPECT_EQ(request.command.prompts, (std::vector<std::string>{"panda", "a|b"}));
  EXPECT_EQ(request.command.threshold, 0.4);
  EXPECT_EQ(request.command.min_area, 5);
  EXPECT_EQ(request.command.segment.seed, 3u);
  EXPECT_EQ(request.command.save, std::vector<OutputKind>{OutputKind::overlay});
}

TEST(Request, ValuesOfEveryJsonType) {
  const PictureRequest request = read_request(
      R"({"image_b64": "QUJD", "prompts": "sky", "threshold": 0.25, "boxes": true, "seed": 18446744073709551615,
          "timestep": null})",
      {});
  ASSERT_FALSE(request.error);
  EXPECT_EQ(request.encoded, "ABC");
  EXPECT_EQ(request.id, "null");
  EXPECT_EQ(request.command.prompts, std::vector<std::string>{"sky"});
  EXPECT_EQ(request.command.threshold, 0.25);
  EXPECT_TRUE(request.command.boxes);
  EXPECT_EQ(request.command.segment.seed, 18446744073709551615u);
  EXPECT_EQ(request.command.segment.timestep, std::nullopt);
}

TEST(Request, MistakesKeepTheIdAndNameTheMember) {
  const PictureRequest request = read_request(R"({"id": 7, "image": "a", "prompts": ["x"], "thresold": 1})", {});
  ASSERT_TRUE(request.error);
  EXPECT_EQ(request.id, "7");
  EXPECT_EQ(message(*request.error).find("\"thresold\" is not an option of ldznet worker. Did you mean threshold?"), 0u)
      << message(*request.error);
  EXPECT_NE(complaint(R"({"image": "a", "prompts": ["x"], "threshold": 2})").find("\"threshold\" must be a number"),
            std::string::npos);
  EXPECT_NE(complaint(R"({"image": "a", "prompts": ["x"], "config": "x.toml"})").find("\"config\" is not an option"),
            std::string::npos);
  EXPECT_NE(complaint(R"({"image": "a", "prompts": ["x"], "help": true})").find("\"help\" is not an option"),
            std::string::npos);
  EXPECT_NE(complaint(R"({"image": "a"})").find("\"prompts\""), std::string::npos);
  EXPECT_NE(complaint("{").find("not JSON"), std::string::npos);
}

TEST(Request, IdsComeBackAsTheyWere) {
  const auto id_of = [](const std::string& id) {
    return read_request(R"({"image": "a", "prompts": ["x"], "id": )" + id + "}", {}).id;
  };
  for (const char* id :
       {R"({"z":1,"a":{"y":2,"b":3}})", "18446744073709551615", "-9223372036854775808", R"("7")", "1.5"})
    EXPECT_EQ(id_of(id), id);
  EXPECT_EQ(id_of("18446744073709551616"), "null");
  EXPECT_NE(complaint(R"({"image": "a", "prompts": ["x"], "id": [18446744073709551616]})").find("64 bits"),
            std::string::npos);
}

TEST(Request, TooManyValuesAreRefusedWithTheId) {
  std::string line = R"({"prompts": ["x")";
  for (int i = 0; i < 10'000; ++i) line += ",\"y\"";
  line += R"(], "image": "a", "id": 7})";
  const PictureRequest request = read_request(line, {});
  ASSERT_TRUE(request.error);
  EXPECT_NE(message(*request.error).find("more than 10000 values"), std::string::npos) << message(*request.error);
  EXPECT_EQ(request.id, "7");

  std::string members = "{";
  for (int i = 0; i < 200'000; ++i) members += "\"" + std::to_string(i) + "\":1,";
  const PictureRequest many = read_request(members + R"("id": 8, "more": 9})", {});
  ASSERT_TRUE(many.error);
  EXPECT_EQ(many.id, "8") << "in a short time, although each member is searched for";
}

}  // namespace ldznet::cli
