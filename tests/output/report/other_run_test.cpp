#include "output/report/other_run.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "ldznet/rle.h"
#include "output/json_lines.h"
#include "support/masks.h"

namespace ldznet {
namespace {

const Mask kMask = test::drawn({"##..", "#..."});

std::string line_of(const std::string& image, const std::vector<std::string>& prompts, int instance = 0) {
  PictureResult picture;
  picture.image = image;
  picture.width = 4;
  picture.height = 2;
  for (const std::string& prompt : prompts) {
    PromptResult& result = picture.results.emplace_back();
    result.prompt = prompt;
    result.instance = instance;
    result.area = 3;
    result.counts = encode_rle(kMask);
  }
  return json_line({}, picture);
}

std::string failed_line(const std::string& image) {
  PictureResult picture;
  picture.image = image;
  picture.error = Error(ErrorCode::bad_image, "it is broken");
  return json_line({}, picture);
}

TEST(OtherRun, FindsPicturesAndPrompts) {
  const OtherRun run("b.jsonl", {line_of("zoo/a.png", {"panda"}), "", line_of("./zoo//b.png", {"sky", "panda"}),
                                 failed_line("c.png"), line_of("zoo/a.png", {"panda", "grass"})});
  EXPECT_EQ(run.prompts(), (std::vector<std::string>{"panda", "sky", "grass"}));
  EXPECT_EQ(run.pictures().size(), 3U);
  EXPECT_EQ(run.find("d.png"), nullptr);
  ASSERT_NE(run.find("zoo/b.png"), nullptr);
  EXPECT_EQ(run.find("zoo/b.png"), run.find("zoo/./b.png"));
  EXPECT_EQ(run.find("zoo/a.png")->results.size(), 2U) << "the last line of a picture counts";
  ASSERT_TRUE(run.find("c.png")->error);
  EXPECT_EQ(std::string(run.find("c.png")->error->what()), "it is broken");
  const PromptResult* panda = find_result(*run.find("zoo/b.png"), "panda");
  ASSERT_NE(panda, nullptr);
  EXPECT_EQ(mask_of(*panda, 4, 2)->pixels, kMask.pixels);
  EXPECT_EQ(find_result(*run.find("zoo/b.png"), "grass"), nullptr);
}

TEST(OtherRun, OtherFilesAreRefusedWithTheLine) {
  const auto message_of = [](const std::vector<std::string>& lines) {
    try {
      OtherRun("b.jsonl", lines);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string good = line_of("a.png", {"panda"});
  for (const char* bad : {"no JSON", "[1]", "{}", "{\"image\": 3, \"error\": {}}", "{\"error\": \"x\"}"})
    EXPECT_NE(message_of({good, bad}).find("b.jsonl, line 2,"), std::string::npos) << bad;
  EXPECT_NE(message_of({good, line_of("b.png", {"panda"}, 1)}).find("--instances"), std::string::npos);
  EXPECT_EQ(message_of({}), "");
}

TEST(OtherRun, MasksAreReadOnlyAtTheirOwnSize) {
  PromptResult result;
  EXPECT_EQ(mask_of(result, 2, 2)->pixels, std::vector<std::uint8_t>(4)) << "an empty one";
  result.area = 3;
  result.counts = encode_rle(kMask);
  EXPECT_FALSE(mask_of(result, 5, 2));
  result.counts = "~~~";
  EXPECT_FALSE(mask_of(result, 4, 2));
}

TEST(OtherRun, Iou) {
  EXPECT_EQ(iou(kMask, kMask), 1.0);
  EXPECT_EQ(iou(kMask, test::drawn({".##.", "...."})), 0.25);
  EXPECT_EQ(iou(kMask, test::drawn({"....", "...."})), 0.0);
  EXPECT_FALSE(iou(test::drawn({".."}), test::drawn({".."})));
}

}  // namespace
}  // namespace ldznet
