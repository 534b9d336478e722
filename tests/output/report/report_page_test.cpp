#include "output/report/report_page.h"

#include <gtest/gtest.h>

#include <utility>

#include "support/masks.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

ReportLayer layer(std::size_t number, const std::string& text, const std::string& note, std::string mask_png = "") {
  ReportLayer layer;
  layer.number = number;
  layer.text = text;
  layer.note = note;
  layer.mask_png = std::move(mask_png);
  return layer;
}

TEST(ReportPage, TextIsEscapedEverywhere) {
  const test::TemporaryFolder folder;
  const std::string hostile = "<b a='x'>&\"";
  const Image image = test::plain_picture(4, 3, 10);
  ReportPage page(folder.path() / "page.html", {hostile, hostile, {hostile}, hostile, 0.5});
  page.section(hostile);
  page.table({{hostile}, {hostile}});
  page.list(hostile, {hostile});
  ReportLayer shown = layer(0, hostile, hostile, page.mask_png(0, test::drawn({"##..", "....", "...."}), 4, 3));
  shown.comparison = hostile;
  page.add(page.article({hostile, 4, 3, &image, "", hostile, {shown}}));
  page.add(page.article({"broken.png", 0, 0, nullptr, hostile, "", {}}));
  page.finish();
  const std::string html = test::bytes_of(folder.path() / "page.html");
  EXPECT_EQ(html.find("<b "), std::string::npos);
  EXPECT_EQ(count(html, "&lt;b a=&#39;x&#39;&gt;&amp;&quot;"), 19U);
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(html.ends_with("</html>\n"));
}

TEST(ReportPage, AnArticleShowsPictureMasksAndLines) {
  const test::TemporaryFolder folder;
  const Image image = test::plain_picture(4, 3, 10);
  const ReportPage page(folder.path() / "page.html", {"t", "s", {"panda", "sky"}});
  ReportLayer panda = layer(0, "panda", "0.9", page.mask_png(0, test::drawn({"##..", "....", "...."}), 4, 3));
  panda.score = 0.9;
  panda.area = 2;
  const std::string both = page.article({"a.png", 4, 3, &image, "", "", {panda, layer(1, "sky", "-")}});
  EXPECT_EQ(count(both, "src=\"data:image/jpeg;base64,"), 1U);
  EXPECT_EQ(count(both, "src=\"data:image/png;base64,"), 1U) << "a layer without a mask shows none";
  EXPECT_EQ(count(both, "loading=\"lazy\" decoding=\"async\""), 2U);
  EXPECT_EQ(
      count(both, "<li data-layer=\"0\" data-box=\"0\" data-text=\"panda\" data-score=\"0.900000\" data-area=\"2\">"),
      1U);
  EXPECT_EQ(count(both, "<li data-layer=\"1\" data-box=\"1\""), 1U);
  const std::string error = page.article({"a.png", 4, 3, nullptr, "cannot read it", "", {panda}});
  EXPECT_EQ(count(error, "<p class=\"error\">cannot read it</p>"), 1U);
  EXPECT_EQ(count(error, "<li"), 0U);
}

TEST(ReportPage, ControlsAreThoseThatThePageHasAUseFor) {
  const test::TemporaryFolder folder;
  const auto page = [&](const ReportHeader& header) {
    ReportPage(folder.path() / "page.html", header).finish();
    return test::bytes_of(folder.path() / "page.html");
  };
  const std::string plain = page({"t", "s", {"panda"}}), all = page({"t", "s", {"panda"}, "b.jsonl", 0.25});
  for (const char* control :
       {"<select id=\"view\"", "<input id=\"agreement\"", "<input id=\"threshold\"", "<filter "}) {
    EXPECT_EQ(count(plain, control), 0U) << control;
    EXPECT_EQ(count(all, control), 1U) << control;
  }
  EXPECT_EQ(count(all, "value=\"0.25\""), 1U);
}

TEST(ReportPage, AppearsOnlyWhenFinished) {
  const test::TemporaryFolder folder;
  {
    ReportPage page(folder.path() / "page.html", {"t", "s", {}});
    page.section("x");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace ldznet
