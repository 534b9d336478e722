#include "data/dataset_manifest.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

Sample parse(const std::string& line) { return parse_dataset_line(line, 7, "set", "manifest.jsonl line 8"); }

TEST(DatasetManifest, ALineNamesImagePhraseAndMask) {
  const Sample sample = parse(R"({"image": "a.png", "phrase": "red car", "mask": "m.png", "kind": "thing", "n": 3})");
  EXPECT_EQ(sample.id, "7");
  EXPECT_EQ(sample.image, fs::path("set/a.png"));
  EXPECT_EQ(sample.phrase, "red car");
  EXPECT_EQ(std::get<fs::path>(sample.truth), fs::path("set/m.png"));
  EXPECT_EQ(sample.tags, (std::map<std::string, std::string>{{"kind", "thing"}})) << "only other strings are tags";
}

TEST(DatasetManifest, AMaskMayBeRunLengthsOrPolygons) {
  const Sample runs =
      parse(R"({"id": 12, "image": "a.png", "phrase": "x", "mask": {"size": [4, 6], "counts": "888"}})");
  EXPECT_EQ(runs.id, "12");
  EXPECT_EQ(std::get<RunLengths>(runs.truth).width, 6);
  EXPECT_EQ(std::get<RunLengths>(runs.truth).height, 4);
  EXPECT_EQ(std::get<RunLengths>(runs.truth).counts, "888");
  const Sample polygons = parse(R"({"image": "a.png", "phrase": "x", "mask": [[0, 1, 2, 3, 4.5, 5]]})");
  EXPECT_EQ(std::get<std::vector<Outline>>(polygons.truth), (std::vector<Outline>{{0, 1, 2, 3, 4.5, 5}}));
  const Sample list = parse(R"({"image": "a.png", "phrase": "x", "mask": {"size": [4, 6], "counts": [8, 8, 8]}})");
  EXPECT_EQ(std::get<RunLengths>(list.truth).counts, "888");
}

TEST(DatasetManifest, AnAbsentObjectHasNoMask) {
  for (const std::string mask : {"[]", "null", "\"\""}) {
    const Sample absent = parse(R"({"image": "a.png", "phrase": "x", "mask": )" + mask + "}");
    EXPECT_TRUE(std::get<std::vector<Outline>>(absent.truth).empty()) << mask;
  }
}

TEST(DatasetManifest, ErrorsNameTheLine) {
  for (const char* line :
       {"", "[]", "{}", R"({"image": "", "phrase": "x", "mask": "m"})", R"({"image": "a", "phrase": "x"})",
        R"({"image": "a", "phrase": "x", "mask": 1})", R"({"image": "a", "phrase": "x", "mask": [[1, 2]]})",
        R"({"image": "a", "phrase": "x", "mask": [[1, 2, 3, 4, 5, "6"]]})",
        R"({"image": "a", "phrase": "x", "mask": {"counts": "1"}})", R"({"image": "a", "phrase": " \t", "mask": null})",
        R"({"image": "a", "phrase": "x", "mask": {"size": [0, 1], "counts": "0"}})",
        R"({"image": "a", "phrase": "x", "mask": null, "id": 18446744073709551616})",
        R"({"image": "a", "phrase": "x", "mask": {"size": [1, 1], "counts": [-1, 2]}})",
        R"({"image": "a", "phrase": "x", "mask": {"size": [1, 1], "counts": [4294967297]}})",
        R"({"image": "a", "phrase": "x", "mask": {"size": [4000000000, 4000000000], "counts": "1"}})"}) {
    try {
      parse(line);
      ADD_FAILURE() << line;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_image) << line;
      EXPECT_TRUE(std::string(error.what()).starts_with("manifest.jsonl line 8")) << error.what();
    }
  }
}

TEST(DatasetManifest, IdsKeepTheirTextAndAreNotNestedTooDeeply) {
  EXPECT_EQ(parse(R"({"image": "a", "phrase": "x", "mask": null, "id": {"z": 1, "a": 2}})").id, R"({"z":1,"a":2})");
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THROW(parse(R"({"image": "a", "phrase": "x", "mask": null, "id": )" + deep + "}"), Error);
  std::string members;
  for (int i = 0; i < 10'000; ++i) members += "\"" + std::to_string(i) + "\": 1, ";
  EXPECT_THROW(parse("{" + members + R"("image": "a", "phrase": "x", "mask": null})"), Error);
}

TEST(DatasetManifest, BlankLinesAreSkippedButCounted) {
  const test::TemporaryFolder folder;
  folder.write("manifest.jsonl",
               "{\"image\": \"a\", \"phrase\": \"x\", \"mask\": \"m\"}\n \r\n"
               "{\"image\": \"a\", \"phrase\": \"y\", \"mask\": \"m\"}");
  const std::vector<Sample> samples = read_dataset_manifest(folder.path());
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[1].id, "2");
  EXPECT_THROW(read_dataset_manifest(folder.path() / "nowhere"), Error);
}

}  // namespace
}  // namespace ldznet
