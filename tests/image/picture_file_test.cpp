// Reading picture files, through the public function.

#include <gtest/gtest.h>

#include <string>

#include "ldznet/image.h"
#include "support/errors.h"
#include "support/ppm.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

TEST(PictureFile, MissingFilesAndFoldersHaveTheirOwnErrors) {
  const auto pictures = test::data_folder() / "pictures";
  EXPECT_EQ(test::error_of([&] { read_picture_file(pictures / "no-such.png"); }).code(), ErrorCode::missing_input);
  EXPECT_EQ(test::error_of([&] { read_picture_file(pictures); }).code(), ErrorCode::bad_image);
}

TEST(PictureFile, EveryByteIsRead) {
  const test::TemporaryFolder folder;
  const std::string content(200'000, '\0');
  EXPECT_EQ(read_picture_file(folder.write("zeros", content)), content);
}

}  // namespace
}  // namespace ldznet
