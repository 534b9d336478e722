#include "data/dataset.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "output/png.h"
#include "support/masks.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

std::string line(const std::string& image, const std::string& id) {
  return R"({"image": ")" + image + R"(", "phrase": "x", "mask": [], "id": ")" + id + "\"}\n";
}

TEST(Dataset, SamplesOfAnImageComeTogether) {
  const test::TemporaryFolder folder;
  folder.write("set/manifest.jsonl", line("b.png", "1") + line("a.png", "2") + line("b.png", "3") + line("c.png", "4"));
  const Dataset dataset = read_dataset(folder.path() / "set/");
  EXPECT_EQ(dataset.name, "set");
  EXPECT_FALSE(dataset.phrasecut);
  const std::vector<ImageSamples> images = by_image(dataset);
  std::vector<std::vector<std::string>> ids;
  for (const ImageSamples& samples : images) {
    ids.emplace_back();
    for (const Sample* sample : samples) ids.back().push_back(sample->id);
  }
  EXPECT_EQ(ids, (std::vector<std::vector<std::string>>{{"1", "3"}, {"2"}, {"4"}}));
  EXPECT_EQ(read_dataset(folder.path() / "set", "", 2).samples.size(), 2U) << "the first two lines, then grouped";
  EXPECT_EQ(by_image(read_dataset(folder.path() / "set", "", 2)).size(), 2U);
}

TEST(Dataset, IdsNameFiles) {
  const test::TemporaryFolder folder;
  for (const std::string& lines : {line("a.png", "../up"), line("a.png", ".."), line("a.png", ""),
                                   line("a.png", "twice") + line("b.png", "twice"), std::string("\n")}) {
    folder.write("manifest.jsonl", lines);
    EXPECT_THROW(read_dataset(folder.path()), Error) << lines;
  }
}

TEST(Dataset, AFolderOfNeitherLayoutIsMissingInput) {
  const test::TemporaryFolder folder;
  try {
    read_dataset(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::missing_input);
  }
}

TEST(Dataset, PolygonsThatTakeMinutesToFillAreRefused) {
  MaskReader reader;
  Sample sample;
  Outline zigzag, comb;
  for (int i = 0; i < 25'000; ++i) zigzag.insert(zigzag.end(), {static_cast<double>(i % 400), i % 2 == 0 ? -1e9 : 1e9});
  for (int i = 0; i < 640; ++i) comb.insert(comb.end(), {static_cast<double>(i), i % 2 == 0 ? 0.0 : 479.0});
  sample.truth = std::vector<Outline>{zigzag};
  EXPECT_THROW(ground_truth(sample, 640, 480, reader), Error);
  sample.truth = std::vector<Outline>(1000, {0, 0, 4000, 0, 4000, 4000, 0, 4000});
  EXPECT_THROW(ground_truth(sample, 4000, 4000, reader), Error);
  sample.truth = std::vector<Outline>{comb};
  EXPECT_NO_THROW(ground_truth(sample, 640, 480, reader));
}

TEST(Dataset, GroundTruthOfEveryKind) {
  const test::TemporaryFolder folder;
  const Mask mask = test::drawn({"..##..", "..##..", "..##..", "..##.."});
  Sample sample;
  MaskReader reader;
  sample.truth = folder.write("m.png", encode_png(mask));
  EXPECT_EQ(ground_truth(sample, 150, 100, reader).pixels, mask.pixels) << "a picture keeps its own size";
  EXPECT_NO_THROW(ground_truth(sample, 151, 100, reader)) << "a scaled mask's size is rounded";
  EXPECT_THROW(ground_truth(sample, 100, 150, reader), Error) << "the image was rotated";
  EXPECT_THROW(ground_truth(sample, 4, 6, reader), Error);
  sample.truth = folder.write("large.png", encode_png(Mask{4000, 3000, std::vector<std::uint8_t>(4000 * 3000)}));
  EXPECT_NO_THROW(ground_truth(sample, 667, 500, reader)) << "the image was scaled and its size rounded";
  EXPECT_THROW(ground_truth(sample, 500, 667, reader), Error);
  EXPECT_THROW(ground_truth(sample, 670, 500, reader), Error);
  sample.truth = RunLengths{6, 4, "888"};
  EXPECT_EQ(ground_truth(sample, 150, 100, reader).pixels, mask.pixels);
  EXPECT_THROW(ground_truth(sample, 100, 100, reader), Error);
  sample.truth = std::vector<Outline>{{2, 0, 3, 0, 3, 3, 2, 3}};
  EXPECT_EQ(test::shown(ground_truth(sample, 6, 4, reader)), test::shown(mask));
  sample.truth = std::vector<Outline>{};
  EXPECT_EQ(ground_truth(sample, 6, 4, reader).pixels, std::vector<std::uint8_t>(24));
}

}  // namespace
}  // namespace ldznet
