#include "output/report/report_page.h"

#include <gtest/gtest.h>

#include "support/masks.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(ReportPage, TextIsEscapedEverywhere) {
  const test::TemporaryFolder folder;
  const std::string hostile = "<b a='x'>&\"";
  const Image image = test::plain_picture(4, 3, 10);
  ReportPage page(folder.path() / "page.html", hostile, hostile, {hostile});
  page.section(hostile);
  page.preformatted(hostile);
  page.add(
      page.article({hostile,
                    4,
                    3,
                    &image,
                    "",
                    {{0, hostile, hostile, 0.5, 2, page.mask_png(0, test::drawn({"##..", "....", "...."}), 4, 3)}}}));
  page.add(page.article({"broken.png", 0, 0, nullptr, hostile, {}}));
  page.finish();
  const std::string html = test::bytes_of(folder.path() / "page.html");
  EXPECT_EQ(html.find("<b "), std::string::npos);
  EXPECT_EQ(count(html, "&lt;b a=&#39;x&#39;&gt;&amp;&quot;"), 13U);
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(html.ends_with("</html>\n"));
}

TEST(ReportPage, AnArticleShowsPictureMasksAndLines) {
  const test::TemporaryFolder folder;
  const Image image = test::plain_picture(4, 3, 10);
  const ReportPage page(folder.path() / "page.html", "t", "s", {"panda", "sky"});
  const Mask mask = test::drawn({"##..", "....", "...."});
  const std::string both =
      page.article({"a.png",
                    4,
                    3,
                    &image,
                    "",
                    {{0, "panda", "0.9", 0.9, 2, page.mask_png(0, mask, 4, 3)}, {1, "sky", "-", 0, 0, ""}}});
  EXPECT_EQ(count(both, "src=\"data:image/jpeg;base64,"), 1U);
  EXPECT_EQ(count(both, "src=\"data:image/png;base64,"), 1U) << "a layer without a mask shows none";
  EXPECT_EQ(
      count(both, "<li data-layer=\"0\" data-box=\"0\" data-text=\"panda\" data-score=\"0.900000\" data-area=\"2\">"),
      1U);
  EXPECT_EQ(count(both, "<li data-layer=\"1\" data-box=\"1\""), 1U);
  const std::string error =
      page.article({"a.png", 4, 3, nullptr, "cannot read it", {{0, "panda", "", 0, 0, page.mask_png(0, mask, 4, 3)}}});
  EXPECT_EQ(count(error, "<p class=\"error\">cannot read it</p>"), 1U);
  EXPECT_EQ(count(error, "<li"), 0U);
}

TEST(ReportPage, AppearsOnlyWhenFinished) {
  const test::TemporaryFolder folder;
  {
    ReportPage page(folder.path() / "page.html", "t", "s", {});
    page.section("x");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace ldznet
