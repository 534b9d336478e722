#include "output/output_checks.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "../support/temporary_folder.h"
#include "ldznet/error.h"
#include "support/errors.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

TEST(OutputChecks, PicturesAreWrittenAsPng) {
  EXPECT_TRUE(is_one_file("x.png"));
  EXPECT_TRUE(is_one_file("X.PNG"));
  for (const char* folder : {"masks", "v1.2", "masks/", "."}) EXPECT_FALSE(is_one_file(folder)) << folder;
  for (const char* suffix : {"jpg", "JPEG", "webp", "bmp", "tif", "tiff", "pnm", "ppm", "pgm", "pbm", "gif", "heic",
                             "heif", "avif", "jxl", "jp2", "j2k"})
    EXPECT_THROW(is_one_file(std::string("x.") + suffix), Error) << suffix;
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "x.pbm");
  EXPECT_FALSE(is_one_file(folder.path() / "x.pbm")) << "an existing folder may have any name";
}

TEST(OutputChecks, FilesThatAreNotPicturesAreNotFolders) {
  for (const char* file : {"a.coco.json", "lines.JSONL", "r.html", "t.txt"}) {
    const Error error = test::error_of([&] { is_one_file(file); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_EQ(error.hint().find("--"), std::string::npos) << "commands have different options: " << error.hint();
    EXPECT_EQ(test::error_of([&] { is_one_file(file, "Use --x."); }).hint().find("Use --x. "), 0U);
  }
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "x.json");
  EXPECT_FALSE(is_one_file(folder.path() / "x.json"));
  EXPECT_FALSE(is_one_file("v1.")) << "no suffix";
}

TEST(OutputChecks, AWritableFolderIsNotMade) {
  const test::TemporaryFolder folder;
  EXPECT_NO_THROW(check_writable(folder.path() / "new/below"));
  EXPECT_FALSE(fs::exists(folder.path() / "new"));
  folder.write("file", "here");
  EXPECT_THROW(check_writable(folder.path() / "file/below"), Error);
}

}  // namespace
}  // namespace ldznet
