#include "image/format/jpeg_markers.h"

#include <gtest/gtest.h>

#include <string>

#include "support/pictures.h"

namespace ldznet {
namespace {

JpegMarkers markers(const std::string& content) { return read_jpeg_markers(test::bytes(content)); }

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(JpegMarkers, WholeFilesStayAsTheyAre) {
  for (const char* name : {"gray.jpg", "progressive.jpg", "orientation6.jpg"}) {
    EXPECT_TRUE(markers(test::picture(name)).complete) << name;
    EXPECT_TRUE(markers(test::picture(name)).mended.empty()) << name;
  }
}

TEST(JpegMarkers, BytesBetweenSegmentsAreDropped) {
  const std::string whole = test::picture("gray.jpg");
  const JpegMarkers mended = markers(whole.substr(0, 2) + "abc" + whole.substr(2));
  EXPECT_TRUE(mended.complete);
  EXPECT_EQ(text(mended.mended), whole);
}

TEST(JpegMarkers, OnlyTheEndMarkerMayBeMissing) {
  const std::string baseline = test::picture("gray.jpg"), progressive = test::picture("progressive.jpg");
  const JpegMarkers mended = markers(baseline.substr(0, baseline.size() - 2));
  EXPECT_TRUE(mended.complete);
  EXPECT_EQ(text(mended.mended), baseline);
  EXPECT_FALSE(markers(progressive.substr(0, progressive.size() - 2)).complete);  // a scan may be missing
  EXPECT_FALSE(markers(baseline.substr(0, 100)).complete);
  EXPECT_FALSE(markers("").complete);
}

}  // namespace
}  // namespace ldznet
