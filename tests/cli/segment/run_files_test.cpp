#include "cli/segment/run_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/segment/job.h"
#include "ldznet/rle.h"
#include "output/json_lines.h"
#include "support/masks.h"

namespace ldznet::cli {
namespace {

namespace fs = std::filesystem;

class RunFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "ldznet-run-files-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    command_.inputs = {"a.png", "b.png"};
    command_.prompts = {"panda", "sky"};
    command_.json = file("lines.jsonl");
    command_.coco = file("coco.json");
    command_.coco_results = file("results.json");
    command_.label_studio = file("tasks.json");
    command_.panoptic = file("panoptic.json");
    command_.report = file("report.html");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ / name; }
  std::string text(const std::string& name) const {
    std::ifstream stream(folder_ / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// A picture whose panda is `mask` and whose sky is empty.
  static PictureResult result_of(const Mask& mask) {
    PictureResult result;
    result.image = "a.png";
    result.width = mask.width;
    result.height = mask.height;
    PromptResult& panda = result.results.emplace_back();
    panda.prompt = "panda";
    panda.area = 3;
    panda.counts = encode_rle(mask);
    PromptResult& sky = result.results.emplace_back();
    sky.prompt = "sky";
    sky.prompt_index = 1;
    return result;
  }

  fs::path folder_;
  SegmentCommand command_;
};

TEST_F(RunFiles, EveryOptionPlansItsFile) {
  std::vector<std::string> names;
  for (const RunFile& planned : planned_run_files(command_)) names.push_back(planned.file.filename());
  EXPECT_EQ(names, (std::vector<std::string>{"lines.jsonl", "coco.json", "results.json", "tasks.json", "tasks.xml",
                                             "panoptic.json", "report.html"}));
  command_.json = "-";
  command_.coco.clear();
  EXPECT_EQ(planned_run_files(command_).size(), 5u);
}

TEST(HintAtOption, NamesTheOptionThatWritesAFile) {
  for (const auto& [name, option] :
       {std::pair{"a.coco.json", "--coco"}, {"lines.JSONL", "--json=FILE"}, {"r.html", "--report"}})
    EXPECT_NE(hint_at_option(name).find(option), std::string::npos) << name;
  for (const char* name : {"a.png", "masks", "v1.", ""}) EXPECT_EQ(hint_at_option(name), "") << name;
}

TEST_F(RunFiles, FilesAppearWhenTheyAreFinished) {
  const auto writers = make_run_writers(plan_job(command_), {});
  EXPECT_EQ(writers.size(), 7u);
  EXPECT_FALSE(fs::exists(command_.coco));
  for (const auto& writer : writers) writer->finish();
  for (const RunFile& planned : planned_run_files(command_)) EXPECT_TRUE(fs::exists(planned.file)) << planned.file;
}

TEST_F(RunFiles, OnlyTheReportNeedsThePictures) {
  for (const auto& planned : planned_run_files(command_)) {
    const auto writer = planned.make(planned.file, plan_job(command_), {});
    const std::string name = planned.file.filename();
    EXPECT_EQ(writer->needs_images(), name == "report.html") << name;
    EXPECT_EQ(writer->needs_masks(), name == "report.html" || name == "tasks.json") << name;
  }
}

TEST_F(RunFiles, MasksOfAFailedPictureAreForgotten) {
  const auto writers = make_run_writers(plan_job(command_), {});
  const Mask failed = test::drawn({"####", "####"}), mask = test::drawn({"##..", "#..."});
  PictureResult failure;
  failure.image = "bad.png";
  failure.error = Error(ErrorCode::bad_image, "bad.png is broken");
  for (const auto& writer : writers) {
    writer->add_mask(0, result_of(failed).results[0], failed);
    writer->add_mask(1, result_of(failed).results[1], failed);
    writer->add(failure, nullptr);
    writer->add_mask(0, result_of(mask).results[0], mask);
    writer->add(result_of(mask), nullptr);
    writer->finish();
  }
  const auto only = make_run_writers(plan_job(command_), {});
  const std::string tasks = text("tasks.json");
  for (const auto& writer : only) {
    writer->add_mask(0, result_of(mask).results[0], mask);
    writer->add(result_of(mask), nullptr);
    writer->finish();
  }
  EXPECT_EQ(text("tasks.json"), tasks) << "a failed picture is left out";
  EXPECT_NE(tasks.find("\"rle\":["), std::string::npos);
  EXPECT_NE(text("coco.json").find("\"image_id\":1,\"category_id\":1"), std::string::npos);
}

TEST_F(RunFiles, TheLabelStudioInterfaceHasAnEscapedLabelForEveryPrompt) {
  command_.prompts = {"a \"red\" car", "<b> & c\n\x1b"};
  for (const auto& writer : make_run_writers(plan_job(command_), {})) writer->finish();
  const std::string interface = text("tasks.xml");
  EXPECT_TRUE(interface.starts_with("<View>\n  <Image name=\"image\" value=\"$image\"/>\n")) << interface;
  EXPECT_NE(interface.find("<Label value=\"a &#34;red&#34; car\" background=\"#"), std::string::npos) << interface;
  EXPECT_NE(interface.find("<Label value=\"&#60;b> &#38; c&#10;\xEF\xBF\xBD\" "), std::string::npos) << interface;
}

TEST_F(RunFiles, AResumedResultGivesTheSameFiles) {
  const Mask mask = test::drawn({"#."});
  command_.prompts = {"a", "b", "c"};
  PictureResult result;
  result.image = "a.png";
  result.width = 2;
  result.height = 1;
  for (const double score : {1.4e-6, 1.4e-6, 2.4e-6}) {  // their mean rounds to 2e-6, that of the rounded ones to 1e-6
    FoundMask found;
    found.probability = {2, 1, {1, 0}};
    found.mask = mask;
    found.measures = {.score = score, .max_probability = 1, .area = 1, .box = {0, 0, 1, 1}};
    const std::size_t number = result.results.size();
    result.results.push_back(prompt_result(command_.prompts[number], found, {}, {.counts = true}));
    result.results.back().prompt_index = number;
  }
  std::vector<std::string> tasks;
  for (const PictureResult& given : {result, read_json_line(json_line({}, result))}) {
    for (const auto& writer : make_run_writers(plan_job(command_), {})) {
      for (std::size_t prompt = 0; prompt < 3; ++prompt) writer->add_mask(prompt, given.results[prompt], mask);
      writer->add(given, nullptr);
      writer->finish();
    }
    tasks.push_back(text("tasks.json") + text("coco.json") + text("lines.jsonl") + text("report.html"));
  }
  EXPECT_EQ(tasks[0], tasks[1]);
}

TEST_F(RunFiles, CocoFilesNamePicturesFromAFolder) {
  const Mask mask = test::drawn({"#"});
  const auto names_from = [&](const std::string& folder, const std::string& image) {
    command_.relative_to = folder;
    const auto writers = make_run_writers(plan_job(command_), {});
    PictureResult result = result_of(mask);
    result.image = image;
    for (const auto& writer : writers) {
      writer->add_mask(0, result.results[0], mask);
      writer->add(result, nullptr);
      writer->finish();
    }
    return text("coco.json");
  };
  const auto named = [](const std::string& file) { return "\"file_name\":\"" + file + "\""; };
  const std::string here = fs::current_path();
  EXPECT_NE(names_from("set/", "set/deep/../a.png").find(named("a.png")), std::string::npos);
  EXPECT_NE(names_from("set", here + "/set/deep/a.png").find(named("deep/a.png")), std::string::npos);
  EXPECT_NE(names_from(here + "/set/deep", "set/a.png").find(named("../a.png")), std::string::npos);
  EXPECT_NE(names_from("set", "-").find(named("-")), std::string::npos);
  EXPECT_NE(names_from("", "set/deep/../a.png").find(named("set/deep/../a.png")), std::string::npos);
}

}  // namespace
}  // namespace ldznet::cli
