#include "data/phrasecut.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

TEST(PhraseCut, TheTestSplitComesFirst) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(phrasecut_tasks(folder.path(), ""), fs::path());
  const fs::path val = folder.write("refer_val.json", "[]");
  EXPECT_EQ(phrasecut_tasks(folder.path(), ""), val);
  const fs::path test = folder.write("refer_test.json", "[]");
  EXPECT_EQ(phrasecut_tasks(folder.path(), ""), test);
  EXPECT_EQ(phrasecut_tasks(folder.path(), "val"), val);
  EXPECT_EQ(phrasecut_tasks(folder.path(), "train"), fs::path());
}

TEST(PhraseCut, PolygonsOfAllInstancesMakeTheTruth) {
  const test::TemporaryFolder folder;
  const fs::path tasks = folder.write("refer_test.json", R"([
    {"task_id": "11__1", "image_id": 11, "phrase": "blue door",
     "Polygons": [[[[1, 2], [3, 4], [5, 6]]], [[[7, 8], [9, 10], [11, 12]], [[0, 0], [1, 0], [0, 1]]]]},
    {"task_id": "61564__1", "image_id": 61564, "phrase": "x", "Polygons": []}])");
  std::size_t left_out = 0;
  const std::vector<Sample> samples = read_phrasecut(folder.path(), tasks, left_out);
  EXPECT_EQ(left_out, 1U) << "an image of CLIPSeg's list";
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].id, "11__1");
  EXPECT_EQ(samples[0].image, folder.path() / "images" / "11.jpg");
  EXPECT_EQ(samples[0].phrase, "blue door");
  EXPECT_EQ(std::get<std::vector<Outline>>(samples[0].truth),
            (std::vector<Outline>{{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}, {0, 0, 1, 0, 0, 1}}));
}

TEST(PhraseCut, OtherJsonIsRefused) {
  const test::TemporaryFolder folder;
  std::size_t left_out = 0;
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& text :
       {std::string(), deep, std::string("[{}]"), R"([{"task_id": )" + deep + "}]",
        std::string(R"([{"task_id": "1", "image_id": "x", "phrase": "y", "Polygons": []}])"),
        std::string(R"([{"task_id": "1", "image_id": 1e300, "phrase": "y", "Polygons": []}])"),
        std::string(R"([{"task_id": "1", "image_id": 1, "phrase": "y", "Polygons": [[[[1]]]]}])")}) {
    const fs::path tasks = folder.write("refer_test.json", text);
    EXPECT_THROW(read_phrasecut(folder.path(), tasks, left_out), Error) << text;
  }
}

}  // namespace
}  // namespace ldznet
