#include "cli/segment/folder_scan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "output/png.h"
#include "support/masks.h"
#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

namespace fs = std::filesystem;

using Reasons = std::map<std::string, std::string>;

const std::string kPicture("P5 1 1 255\n\x33", 12);
const std::string kTiff("II*\0\x08\0\0\0\0\0\0\0", 12);

/// Paths below a folder.
std::vector<std::string> below(const fs::path& folder, const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(path.lexically_relative(folder).string());
  return names;
}

TEST(FolderScan, TellsPicturesFromOtherFiles) {
  const test::TemporaryFolder folder;
  folder.write("a", kPicture);
  folder.write("damaged.png", "no picture");  // an error, not overlooked
  folder.write(".hidden.png", kPicture);
  folder.write("deep/b.pgm", kPicture);
  folder.write("scan.tif", kTiff);
  folder.write("photo.NEF", kTiff);
  folder.write("photo.tif", kTiff.substr(0, 8) + "CR\x02" + std::string(4, '\0'));
  folder.write("photo", "FUJIFILMCCD-RAW 0201");
  folder.write("notes.txt",
               "Gr\xC3\xBC\xC3\x9F"
               "e\n");
  folder.write("empty", "");
  folder.write("film.mp4", std::string("\0\0\0\x18", 4) + "ftypisom");
  folder.write("data.bin", std::string("\x01\x02\0\x03", 4));
  folder.write("mask.png", encode_png(test::drawn({"#."})));
  fs::create_symlink("nowhere", folder.path() / "broken");
  fs::create_symlink("nowhere", folder.path() / "broken.png");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.png").c_str(), 0600), 0);

  folder.write("output/c.pgm", kPicture);
  folder.write(".hidden/d.pgm", kPicture);

  const FolderFiles files = scan_folder(folder.path(), false, folder.path() / "output");
  EXPECT_EQ(files.folders, 1u) << "deep";
  EXPECT_EQ(scan_folder(folder.path(), true, {}).folders, 0u);
  EXPECT_EQ(below(folder.path(), files.pictures),
            (std::vector<std::string>{"a", "broken.png", "damaged.png", "scan.tif"}));
  Reasons reasons;
  for (const SkippedFile& file : files.skipped) reasons[file.path.filename().string()] = file.reason;
  EXPECT_EQ(reasons, (Reasons{{"broken", "broken link"},
                              {"data.bin", "other file"},
                              {"empty", "empty file"},
                              {"film.mp4", "video"},
                              {"mask.png", "output of ldznet"},
                              {"notes.txt", "text"},
                              {"photo", "raw photograph"},
                              {"photo.NEF", "raw photograph"},
                              {"photo.tif", "raw photograph"},
                              {"pipe.png", "special file"}}));
  EXPECT_EQ(skipped_text(files.skipped),
            "10 files skipped: 3 x raw photograph, 1 x broken link, 1 x empty file, 1 x other file, 1 x output of "
            "ldznet, 1 x special file, 1 x text, 1 x video");
}

TEST(FolderScan, FollowsLinkedFoldersOnce) {
  const test::TemporaryFolder folder;
  folder.write("in/deep/a.pgm", kPicture);
  folder.write("in/out/mask.pgm", kPicture);
  folder.write("elsewhere/b.pgm", kPicture);
  folder.write("elsewhere/deep/c.pgm", kPicture);
  const fs::path in = folder.path() / "in";
  fs::create_directory_symlink("deep", in / "a-link-to-deep");
  fs::create_directory_symlink("..", in / "deep" / "up");
  fs::create_directory_symlink("../elsewhere", in / "x");
  fs::create_directory_symlink("../elsewhere", in / "w");
  fs::create_directory_symlink("../../in", folder.path() / "elsewhere" / "deep" / "back");
  fs::create_directory_symlink("out", in / "link-to-out");
  fs::create_directory_symlink("itself", in / "itself");
  EXPECT_EQ(below(in, scan_folder(in, true, in / "out").pictures),
            (std::vector<std::string>{"deep/a.pgm", "w/b.pgm", "w/deep/c.pgm"}));
  EXPECT_TRUE(scan_folder(in, false, {}).pictures.empty());
  EXPECT_EQ(
      below(in, scan_folder(in / "x", true, {}).pictures),
      (std::vector<std::string>{"x/b.pgm", "x/deep/back/deep/a.pgm", "x/deep/back/out/mask.pgm", "x/deep/c.pgm"}));
}

}  // namespace
}  // namespace ldznet::cli
