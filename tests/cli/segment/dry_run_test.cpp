#include "cli/segment/dry_run.h"

#include <gtest/gtest.h>

#include <string>

#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

class DryRun : public ::testing::Test {
 protected:
  SegmentCommand command_for(const std::string& prompt) {
    SegmentCommand command;
    command.inputs = {folder_.write("a.png", "")};
    command.prompts = {prompt};
    command.output = "out";
    return command;
  }

  test::TemporaryFolder folder_;
};

TEST_F(DryRun, NamesEveryFileOfAPicture) {
  SegmentCommand command = command_for("red\tcar");
  command.save = {OutputKind::mask, OutputKind::labels};
  const std::string picture = command.inputs[0];
  EXPECT_EQ(dry_run_text(plan_job(command), 0), picture + "\tred\\tcar\tmask\tout/a.png.red-car.mask.png\n" + picture +
                                                    "\t\tlabels\tout/a.png.labels.png\n" + picture +
                                                    "\t\tlabels_index\tout/a.png.labels-index.png\n");
}

TEST_F(DryRun, NamesTheFilesOfTheWholeRun) {
  SegmentCommand command = command_for("panda");
  EXPECT_EQ(dry_run_text(plan_job(command)), "");
  command.save = {OutputKind::yolo};
  command.json = "lines.jsonl";
  command.coco = "coco.json";
  command.label_studio = "tasks.json";
  command.panoptic = "p.json";
  command.report = "page.html";
  EXPECT_EQ(dry_run_text(plan_job(command)),
            "\t\tjson\tlines.jsonl\n"
            "\t\tcoco\tcoco.json\n"
            "\t\tlabel-studio\ttasks.json\n"
            "\t\tlabel-studio\ttasks.xml\n"
            "\t\tpanoptic\tp.json\n"
            "\t\treport\tpage.html\n"
            "\t\tyolo\tout/data.yaml\n");
  command.json = "-";
  EXPECT_EQ(dry_run_text(plan_job(command)).find("json\t-"), std::string::npos) << "stdout is not a file";
}

TEST_F(DryRun, NoticesMissingPictures) {
  SegmentCommand command = command_for("panda");
  command.inputs.push_back(folder_.path() / "missing.png");
  const SegmentJob job = plan_job(command);
  EXPECT_NE(dry_run_text(job, 0), "");
  EXPECT_EQ(dry_run_text(job, 1), "");
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(dry_run(job), 1);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), dry_run_text(job, 0));
  command.inputs.erase(command.inputs.begin());
  command.json = "lines.jsonl";
  const SegmentJob only_missing = plan_job(command);
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(dry_run(only_missing), static_cast<int>(ErrorCode::missing_input));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), dry_run_text(only_missing)) << "where its line would go";
}

}  // namespace
}  // namespace ldznet::cli
