#include "output/plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "ldznet/error.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

class Plan : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ldznet-plan-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  void touch(const fs::path& file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "here";
  }
  fs::path folder_;
};

TEST_F(Plan, NamesEveryFileAhead) {
  const OutputPlan plan(folder_, {"zoo/img.png"}, {"panda", "red car"}, {OutputKind::mask, OutputKind::labels});
  const std::vector<fs::path> expected = {folder_ / "zoo/img.png.panda.mask.png",
                                          folder_ / "zoo/img.png.red-car.mask.png", folder_ / "zoo/img.png.labels.png",
                                          folder_ / "zoo/img.png.labels-index.png"};
  EXPECT_EQ(plan.files(0), expected);
}

TEST_F(Plan, InstancesHaveNumbers) {
  const OutputPlan plan(folder_, {"a.png"}, {"x"}, {OutputKind::mask, OutputKind::labels}, {}, true);
  EXPECT_EQ(plan.file(0, 0, OutputKind::mask, "12"), folder_ / "a.png.x.12.mask.png");
  EXPECT_EQ(plan.files(0).front(), folder_ / "a.png.x.1.mask.png");
  const OutputPlan named(folder_, {"a.png"}, {"x"}, {OutputKind::mask}, NameTemplate("{prompt}/{stem}"), true);
  EXPECT_EQ(named.file(0, 0, OutputKind::mask, "12"), folder_ / "x/a.12.png");
  touch(named.file(0, 0, OutputKind::mask, "1"));
  EXPECT_THROW(named.check_not_existing(false), Error);
}

TEST_F(Plan, LaterInstancesOfAnEarlierRunAreExistingFiles) {
  const OutputPlan plan(folder_, {"a.png"}, {"x"}, {OutputKind::mask}, std::nullopt, true);
  touch(folder_ / "a.png.y.2.mask.png");
  touch(folder_ / "a.png.x.two.mask.png");
  EXPECT_NO_THROW(plan.check_not_existing(false));
  touch(plan.file(0, 0, OutputKind::mask, "12"));
  EXPECT_THROW(plan.check_not_existing(false), Error);
  EXPECT_NO_THROW(plan.check_not_existing(true));
}

TEST_F(Plan, InstancesNumbersCannotCollide) {
  const auto plan = [&](const std::string& names, const std::vector<std::string>& pictures, OutputKind more) {
    OutputPlan(folder_, pictures, {"all"}, {OutputKind::mask, more}, NameTemplate(names), true);
  };
  EXPECT_NO_THROW(plan("{prompt}{kind}-{stem}", {"a.png", "a.7.png"}, OutputKind::overlay));
  EXPECT_NO_THROW(plan("{prompt}{kind}-{stem}", {"a.png", "a.7.png"}, OutputKind::labels));
  EXPECT_THROW(plan("{ext}{prompt}{kind}-{stem}", {"a.png"}, OutputKind::overlay), Error);
  // The mask's third instance in "images" is called as the link to the picture a.3.png.
  EXPECT_THROW(plan("images/{stem}{ext}", {"a.png", "a.3.png"}, OutputKind::yolo), Error);
  EXPECT_NO_THROW(plan("images/{stem}-mask", {"a.png", "a.3.png"}, OutputKind::yolo));
}

TEST_F(Plan, TwoPicturesOfOneNameAreAUsageError) {
  EXPECT_THROW(OutputPlan(folder_, {"a.png", "a.png"}, {"x"}, {OutputKind::mask}), Error);
}

TEST_F(Plan, ExistingFilesNeedOverwrite) {
  const OutputPlan plan(folder_, {"a.png", "b.png"}, {"x"}, {OutputKind::mask});
  EXPECT_NO_THROW(plan.check_not_existing(false));
  touch(plan.file(1, 0, OutputKind::mask));
  EXPECT_THROW(plan.check_not_existing(false), Error);
  EXPECT_NO_THROW(plan.check_not_existing(true));
  fs::create_directories(plan.file(0, 0, OutputKind::mask));
  EXPECT_THROW(plan.check_not_existing(true), Error) << "a folder is in the file's place";
}

TEST_F(Plan, LinksDoNotLeadOut) {
  fs::create_directories(folder_ / "out");
  fs::create_directory_symlink(folder_, folder_ / "out/zoo");
  const OutputPlan plan(folder_ / "out", {"zoo/a.png"}, {"x"}, {OutputKind::mask});
  EXPECT_THROW(plan.check_not_existing(true), Error);
  EXPECT_THROW(plan.open_folder(plan.file(0, 0, OutputKind::mask)), Error);
}

TEST_F(Plan, TheRootIsOpenedOnce) {
  const fs::path out = folder_ / "out", moved = folder_ / "moved", elsewhere = folder_ / "elsewhere";
  const OutputPlan plan(out, {"zoo/a.png", "b.png"}, {"x"}, {OutputKind::mask}), part = plan.part({1});
  plan.check_root();
  fs::rename(out, moved);
  fs::create_directory(elsewhere);
  fs::create_directory_symlink(elsewhere, out);
  for (const OutputPlan* each : {&plan, &part}) {
    const fs::path file = each->file(0, 0, OutputKind::mask);
    write_file(each->open_folder(file), file.filename(), "x", false);
    EXPECT_THROW(each->check_root(), Error);
  }
  EXPECT_TRUE(fs::exists(moved / "zoo/a.png.x.mask.png"));
  EXPECT_TRUE(fs::exists(moved / "b.png.x.mask.png"));
  EXPECT_TRUE(fs::is_empty(elsewhere));
}

TEST_F(Plan, ASingleFileIsPutIntoItsFolder) {
  const OutputPlan plan(folder_ / "new/x.png", OutputKind::mask);
  write_file(plan.open_folder(plan.file(0, 0, OutputKind::mask)), "x.png", "x", false);
  EXPECT_TRUE(fs::exists(folder_ / "new/x.png"));
}

}  // namespace
}  // namespace ldznet
