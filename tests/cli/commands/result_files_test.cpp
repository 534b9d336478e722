#include "cli/commands/result_files.h"

#include <gtest/gtest.h>

#include "ldznet/error.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

TEST(ResultFiles, ADrawingGoesIntoAFolderOrAFile) {
  EXPECT_EQ(drawing_file("", "zoo.png", ".features.png"), "ldznet-out/zoo.png.features.png");
  EXPECT_EQ(drawing_file("there", "zoo.png", ".features.png"), "there/zoo.png.features.png");
  EXPECT_EQ(drawing_file("there/map.png", "zoo.png", ".features.png"), "there/map.png");
  EXPECT_THROW(drawing_file("map.jpg", "zoo.png", ".features.png"), Error);
}

TEST(ResultFiles, AreCheckedBeforeTheWork) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("a.json", "");
  EXPECT_THROW(check_result_file(file, false), Error);
  EXPECT_NO_THROW(check_result_file(file, true));
  EXPECT_NO_THROW(check_result_file(folder.path() / "new/b.json", false));
  const auto left = folder.write(".ldznet-tmp-abcdef", "of a run that was killed");
  std::filesystem::permissions(left, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  check_result_file(folder.path() / "c.html", false);
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_THROW(check_result_file(file / "b.json", false), Error) << "its folder is a file";
  write_result(folder.path() / "new/b.json", "text");
  EXPECT_EQ(test::bytes_of(folder.path() / "new/b.json"), "text");
}

}  // namespace
}  // namespace ldznet::cli
