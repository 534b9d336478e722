#include "cli/segment/job.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

namespace fs = std::filesystem;

/// A command for pictures that need not exist: a named file that is missing fails only when its turn comes.
SegmentCommand command_for(std::vector<std::string> inputs) {
  SegmentCommand command;
  command.inputs = std::move(inputs);
  command.prompts = {"panda"};
  return command;
}

ErrorCode refusal(const SegmentCommand& command) {
  try {
    plan_job(command);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

std::vector<std::string> names(const SegmentJob& job) {
  std::vector<std::string> all;
  for (const Input& input : job.inputs) all.push_back(input.name);
  return all;
}

TEST(Job, PromptsAreSplitTrimmedAndUnique) {
  SegmentCommand command = command_for({"a.png"});
  command.prompts = {" panda |bamboo", "panda"};
  command.prompt_template = "a {}, {}.";
  const SegmentJob job = plan_job(command);
  EXPECT_EQ(job.prompts, (std::vector<std::string>{"panda", "bamboo"}));
  EXPECT_EQ(job.texts, (std::vector<std::string>{"a panda, panda.", "a bamboo, bamboo."}));
}

TEST(Job, PhrasesOfAllPromptsAreSegmentedOnce) {
  SegmentCommand command = command_for({"a.png"});
  command.prompts = {"panda AND sky|sky{+4}|panda|NOT (sky OR bear)"};
  command.prompt_template = "a {}";
  EXPECT_EQ(plan_job(command).texts, (std::vector<std::string>{"a panda", "a sky", "a bear"}));
  EXPECT_EQ(plan_job(command).prompts.size(), 4u);
}

TEST(Job, AnInterruptedRunIsToldHowToContinue) {
  const test::TemporaryFolder folder;
  SegmentCommand command = command_for({"a.png", "b.png"});
  command.output = folder.path().string();
  const SegmentJob job = plan_job(command);
  std::ofstream(job.plan->file(0, 0, OutputKind::mask, "")) << "x";
  const auto hint = [&] {
    try {
      prepare_outputs(job);
    } catch (const Error& error) {
      return error.hint();
    }
    return std::string();
  };
  EXPECT_EQ(hint().find("--resume"), std::string::npos) << "no run of ours wrote there";
  std::ofstream(*job.journal) << "";
  EXPECT_NE(hint().find("--resume"), std::string::npos);
}

TEST(Job, MissingPicturesAreNoticedBeforeTheWork) {
  const auto inputs = [](std::vector<std::string> paths) { return plan_job(command_for(std::move(paths))).inputs; };
  EXPECT_THROW(check_existence(inputs({"no.png"})), Error);
  EXPECT_THROW(check_existence(inputs({"no.png", "none.png"})), Error);
  EXPECT_NO_THROW(check_existence(inputs({"no.png", "-"})));
}

TEST(Job, RefusesEmptyAndUnreadablePrompts) {
  for (const std::string prompt : {"", " ", "panda|", "\xff", "panda AND"}) {
    SegmentCommand command = command_for({"a.png"});
    command.prompts = {prompt};
    EXPECT_EQ(refusal(command), ErrorCode::usage) << prompt;
  }
}

TEST(Job, MasksInTheDefaultFolder) {
  const SegmentJob job = plan_job(command_for({"a.png"}));
  ASSERT_TRUE(job.plan);
  EXPECT_EQ(job.plan->root(), kDefaultOutput);
  EXPECT_EQ(job.plan->kinds(), std::vector{OutputKind::mask});
  EXPECT_TRUE(job.run_files.empty() && job.yolo_folder.empty() && !job.panoptic && !job.journal);
  EXPECT_FALSE(job.fields.counts);
}

TEST(Job, DataAloneMakesNoPictures) {
  SegmentCommand command = command_for({"a.png"});
  command.json = "-";
  EXPECT_FALSE(plan_job(command).plan);
  EXPECT_EQ(plan_job(command).format, ResultFormat::json);
  EXPECT_TRUE(plan_job(command).fields.counts && plan_job(command).run_files.empty());
  command.json.reset();
  command.coco = "coco.json";
  EXPECT_FALSE(plan_job(command).plan);
  command.output = "out";
  EXPECT_TRUE(plan_job(command).plan);
  EXPECT_TRUE(plan_job(command).fields.counts);
}

TEST(Job, ASingleFileIsForOnePictureAndPrompt) {
  SegmentCommand command = command_for({"a.png"});
  command.output = "panda.png";
  EXPECT_EQ(plan_job(command).plan->single_file(), fs::path("panda.png"));
  command.output = "-";
  const SegmentJob piped = plan_job(command);
  EXPECT_TRUE(piped.stdout_picture == OutputKind::mask && !piped.plan && piped.format == ResultFormat::none);
  for (const std::string output : {"panda.png", "-"}) {
    command = command_for({"a.png", "b.png"});
    command.output = output;
    EXPECT_EQ(refusal(command), ErrorCode::usage);
    command = command_for({"a.png"});
    command.output = output;
    command.prompts = {"panda|sky"};
    EXPECT_EQ(refusal(command), ErrorCode::usage);
    command.save = {OutputKind::labels};
    EXPECT_NO_THROW(plan_job(command));
    command.save = {OutputKind::yolo};
    EXPECT_EQ(refusal(command), ErrorCode::usage);
  }
}

TEST(Job, NamesFilesThatBelongToAKindOrAnOption) {
  SegmentCommand command = command_for({"a.png"});
  command.output = "out";
  command.save = {OutputKind::yolo};
  command.panoptic = "sets/all.json";
  const SegmentJob job = plan_job(command);
  EXPECT_EQ(job.yolo_folder, fs::path("out"));
  ASSERT_TRUE(job.panoptic);
  EXPECT_EQ(job.panoptic->root(), fs::path("sets/all"));
}

TEST(Job, TheJournalIsBesideTheOutputs) {
  SegmentCommand command = command_for({"a.png", "b.png"});
  EXPECT_EQ(plan_job(command).journal, fs::path("ldznet-out/.ldznet-journal"));
  EXPECT_TRUE(plan_job(command).fields.counts) << "a resumed run may need them";
  command.shard = {2, 2};
  EXPECT_EQ(plan_job(command).journal, fs::path("ldznet-out/.ldznet-journal.2-of-2"));
  command.shard = {};
  command.coco = "coco.json";
  EXPECT_EQ(plan_job(command).journal, fs::path(".coco.json.ldznet-journal"));
  command.json = "lines.jsonl";
  EXPECT_EQ(plan_job(command).journal, fs::path(".lines.jsonl.ldznet-journal"));
  command.json = "-";
  command.coco.clear();
  EXPECT_FALSE(plan_job(command).journal);
  command.resume = true;
  EXPECT_EQ(refusal(command), ErrorCode::usage);
}

TEST(Job, TwoOutputsInOneFileAreRefused) {
  SegmentCommand command = command_for({"a.png"});
  command.coco = "all.json";
  command.json = "./all.json";
  EXPECT_EQ(refusal(command), ErrorCode::usage);
  command.json = "lines.jsonl";
  EXPECT_NO_THROW(plan_job(command));
}

TEST(Job, AShardKeepsItsPictures) {
  SegmentCommand command = command_for({"a.png", "b.png", "c.png"});
  command.shard = {1, 2};
  const SegmentJob job = plan_job(command);
  EXPECT_EQ(names(job), (std::vector<std::string>{"a.png", "c.png"}));
  EXPECT_EQ(job.plan->file(1, 0, OutputKind::mask), fs::path("ldznet-out/c.png.panda.mask.png"));
  command.overwrite = true;
  EXPECT_TRUE(plan_job(command).replace && !plan_job(command).cleans_up);
}

class PreparedOutputs : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "ldznet-job-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    command_.output = folder_ / "out";
    command_.save = {OutputKind::yolo};
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  fs::path folder_;
  SegmentCommand command_ = command_for({"a.png"});
};

TEST_F(PreparedOutputs, ExistingFilesMayStayOnlyWhenTheyAreReplaced) {
  EXPECT_NO_THROW(prepare_outputs(plan_job(command_)));
  command_.coco = folder_ / "coco.json";
  write(command_.coco, "{}");
  EXPECT_THROW(prepare_outputs(plan_job(command_)), Error);
  command_.resume = true;
  EXPECT_NO_THROW(prepare_outputs(plan_job(command_)));
}

TEST_F(PreparedOutputs, YoloClassesMustBeInAFormThatCanBeExtended) {
  write(folder_ / "out" / "data.yaml", "names:\n  0: \"panda\"\n");
  EXPECT_NO_THROW(prepare_outputs(plan_job(command_)));
  command_.prompts = {"sky"};
  EXPECT_NO_THROW(prepare_outputs(plan_job(command_)));
  write(folder_ / "out" / "data.yaml", "names: [panda]\n");
  EXPECT_THROW(prepare_outputs(plan_job(command_)), Error);
}

}  // namespace
}  // namespace ldznet::cli
