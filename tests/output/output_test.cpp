// Names, plans, JSON lines, tables and the progress line.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "ldznet/error.h"
#include "output/json_lines.h"
#include "output/names.h"
#include "output/plan.h"
#include "output/progress.h"
#include "output/table.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

std::string slug(const std::string& prompt) { return slugs({prompt}).front(); }

TEST(Names, PlainPromptsStayReadable) {
  EXPECT_EQ(slug("panda"), "panda");
  EXPECT_EQ(slug("red car"), "red-car");
  EXPECT_EQ(slug("日本"), "日本");
  EXPECT_EQ(slug("🐼"), "🐼");
}

TEST(Names, DangerousPromptsBecomeHarmless) {
  for (const std::string prompt :
       {"../../etc", "/etc", "..", ".", "a/b", "a\\b", "-rf", "\x1b[31m", "a\nb", "\xff\xfe", "   ?"}) {
    const std::string name = slug(prompt);
    EXPECT_FALSE(name.empty()) << prompt;
    EXPECT_EQ(name.find_first_of("/\\.\n\x1b"), std::string::npos) << name;
    EXPECT_NE(name[0], '-') << name;
  }
  EXPECT_LT(slug(std::string(5000, 'a')).size(), 200u);
}

TEST(Names, PromptsThatWouldShareANameAreToldApart) {
  const std::vector<std::string> prompts = {
      "red car", "red-car", "Red Car", "red/car", "?", "!", std::string(500, 'a'), std::string(501, 'a')};
  const std::vector<std::string> names = slugs(prompts);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), prompts.size());
}

TEST(Names, PathsStayBelowTheFolder) {
  EXPECT_EQ(safe_path("zoo/img.png"), "zoo/img.png");
  for (const std::string path : {"../img.png", "a/../../img.png", "/img.png", "./.hidden", "a/-x"}) {
    for (const fs::path& part : fs::path(safe_path(path))) {
      EXPECT_NE(part.string(), "..") << path;
      EXPECT_FALSE(part.string().starts_with('.') || part.string().starts_with('-') || part.is_absolute()) << path;
    }
  }
  EXPECT_LE(fitted_name(std::string(400, 'x'), ".mask.png").size(), kLongestName);
  EXPECT_TRUE(fitted_name(std::string(400, 'x'), ".mask.png").ends_with(".mask.png"));
}

TEST(Names, KindsHaveNames) {
  for (const char* kind : {"mask", "overlay", "cutout", "probability", "labels"})
    EXPECT_STREQ(name(kind_of(kind)), kind);
  EXPECT_THROW(kind_of("masks"), Error);
}

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
  EXPECT_THROW(plan.check_inside_folder(plan.file(0, 0, OutputKind::mask)), Error);
}

TEST_F(Plan, AWritableFolderIsNotMade) {
  EXPECT_NO_THROW(check_writable(folder_ / "new/below"));
  EXPECT_FALSE(fs::exists(folder_ / "new"));
  touch(folder_ / "file");
  EXPECT_THROW(check_writable(folder_ / "file/below"), Error);
}

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

TEST(Table, FieldsNeitherBreakLinesNorMoveTheCursor) {
  EXPECT_EQ(field("a\tb\nc\\d\x1b[31m"), "a\\tb\\nc\\\\d\\x1b[31m");
  EXPECT_EQ(tsv_line({"a.png", "red\tcar", 0.5, 12, "m.png"}), "a.png\tred\\tcar\t0.5000\t12\tm.png\n");
}

TEST(Table, ColumnsLineUp) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  AlignedTable table(false);
  table.make_room("a-long-name.png", "panda");
  const std::string one = table.line({"a-long-name.png", "panda", 0.5, 1, "F"});
  const std::string two = table.line({"b.png", "日本", 0.25, 12345, "F"});
  EXPECT_EQ(one.find('F'), display_width(two.substr(0, two.find('F'))));
}

TEST(Progress, SaysHowFarAndHowLong) {
  EXPECT_EQ(progress_text(0, 10, 0, 80), "0/10 pictures");
  EXPECT_EQ(progress_text(3, 10, 1.5, 80), "3/10 pictures, 2.0 a second, 0:04 left");
  EXPECT_EQ(progress_text(1, 2, 3725, 80), "1/2 pictures, 3725.0 s each, 1:02:05 left");
  EXPECT_LE(progress_text(3, 10, 1.5, 12).size(), 12u);
}

}  // namespace
}  // namespace ldznet
