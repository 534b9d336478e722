#include "output/json_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ldznet/error.h"

namespace ldznet {
namespace {

TEST(JsonLines, IsValidWhateverTheBytes) {
  RunMetadata run;
  PictureResult picture;
  picture.image = "\xff\"\\\n.png";
  picture.error = Error(ErrorCode::bad_image, "bro\xfeken");
  const std::string line = json_line(run, picture);
  EXPECT_TRUE(line.ends_with("}\n"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_NE(line.find(R"("code":"bad_image")"), std::string::npos);
  EXPECT_NE(line.find(R"("width":null)"), std::string::npos);
  EXPECT_EQ(line.find("results"), std::string::npos);
  EXPECT_EQ(line.find('\xff'), std::string::npos);
}

TEST(JsonLines, InstancesAreReadBack) {
  PictureResult picture;
  picture.image = "a.png";
  picture.width = picture.height = 4;
  for (const auto& [prompt, instance] : {std::pair{0, 0}, {1, 1}, {1, 2}, {2, 1}}) {
    PromptResult& result = picture.results.emplace_back();
    result.prompt = "prompt " + std::to_string(prompt);
    result.prompt_index = static_cast<std::size_t>(prompt);
    result.instance = instance;
    result.area = instance;
  }
  picture.segments = std::vector<LabelSegment>{{2, 1, {0, 0, 1, 1}}, {3, 2, {0, 1, 2, 1}}, {4, 1, {3, 3, 1, 1}}};
  const std::string line = json_line({}, picture);
  EXPECT_NE(line.find(R"({"label":2,"prompt":"prompt 1","instance":2,"area":2,)"), std::string::npos) << line;
  const PictureResult read = read_json_line(line);
  EXPECT_EQ(json_line({}, read), line);
  for (std::size_t k = 0; k < picture.results.size(); ++k) {
    EXPECT_EQ(read.results[k].prompt_index, picture.results[k].prompt_index);
    EXPECT_EQ(read.results[k].instance, picture.results[k].instance);
  }
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ((*read.segments)[k].label, (*picture.segments)[k].label);
  const std::size_t place = line.find("\"instance\":2,\"area\":2,\"bbox\":[0,1");
  EXPECT_ANY_THROW(read_json_line(std::string(line).replace(place + 11, 1, "7"))) << "a segment without a result";
}

TEST(JsonLines, ImpossibleNumbersAreNotRead) {
  PictureResult picture;
  picture.image = "a.png";
  picture.width = picture.height = 4;
  PromptResult& result = picture.results.emplace_back();
  result.area = 3;
  result.polygons = {{0, 0, 4, 0, 4, 4}};
  const std::string line = json_line({}, picture);
  EXPECT_EQ(json_line({}, read_json_line(line)), line);
  for (const auto& [right, wrong] : {std::pair{"\"width\":4", "\"width\":1e300"},
                                     {"\"width\":4", "\"width\":0"},
                                     {"\"area\":3", "\"area\":17"},
                                     {"\"area\":3", "\"area\":3.0"},
                                     {"\"area\":3", "\"area\":18446744073709551615"},
                                     {"\"score\":0.0", "\"score\":1e300"},
                                     {"\"bbox\":[0,", "\"bbox\":[-1e99,"},
                                     {"\"bbox\":[0,", "\"bbox\":["},
                                     {"\"decode\":0.0", "\"decode\":1e308"},
                                     {"[[0,0,", "[[1e300,0,"}}) {
    const std::size_t place = line.find(right);
    ASSERT_NE(place, std::string::npos) << right;
    EXPECT_ANY_THROW(read_json_line(std::string(line).replace(place, std::string(right).size(), wrong))) << wrong;
  }
}

}  // namespace
}  // namespace ldznet
