#include "output/json_lines.h"

#include <gtest/gtest.h>

#include <string>

#include "ldznet/error.h"

namespace ldznet {
namespace {

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

}  // namespace
}  // namespace ldznet
