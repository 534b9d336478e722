#include "output/report/sample_report.h"

#include <gtest/gtest.h>

#include <regex>

#include "support/masks.h"
#include "support/temporary_folder.h"

namespace ldznet {
namespace {

const Image kImage = test::plain_picture(4, 1, 90);

EvaluatedSample sample(const std::string& name, double iou) {
  const Mask mask = test::drawn({"##.."});
  return {name, false, {1 - iou, iou}, {mask, mask}, mask, &kImage};
}

/// The names of a page's articles, section by section: "Worst: a b".
std::vector<std::string> sections(const std::string& html) {
  std::vector<std::string> found;
  const std::regex pattern("<h2 class=\"wide\">([^<]*)</h2>|<article data-name=\"([^\"]*)\"");
  for (std::sregex_iterator match(html.begin(), html.end(), pattern), end; match != end; ++match) {
    if ((*match)[1].matched)
      found.push_back((*match)[1].str() + ":");
    else
      found.back() += " " + (*match)[2].str();
  }
  return found;
}

TEST(SampleReport, RanksByTheLastMethod) {
  const test::TemporaryFolder folder;
  SampleReport report(folder.path() / "page.html", "title", {"first", "last"});
  for (const auto& [name, iou] : {std::pair{"b", 0.5}, {"a", 0.9}, {"c", 0.5}, {"d", 0.1}})
    report.add(sample(name, iou));
  report.finish({{{"title"}, {"cell"}}});
  const std::string html = test::bytes_of(folder.path() / "page.html");
  EXPECT_EQ(sections(html), std::vector<std::string>{"All, worst first: d b c a"});
  EXPECT_NE(html.find("<tr><th>title</th></tr>\n<tr><td>cell</td></tr>"), std::string::npos);
  EXPECT_NE(html.find("IoU 90.0 %"), std::string::npos);
}

TEST(SampleReport, ShowsAbsentObjectsThatWereFoundLargestFirst) {
  const test::TemporaryFolder folder;
  SampleReport report(folder.path() / "page.html", "title", {"only"});
  const Mask nothing = test::drawn({"...."});
  for (const auto& [name, mask] :
       {std::pair{"small", test::drawn({"#..."})}, {"none", nothing}, {"large", test::drawn({"###."})}})
    report.add({name, true, {0}, {mask}, nothing, &kImage});
  report.finish({});
  const std::string html = test::bytes_of(folder.path() / "page.html");
  EXPECT_EQ(sections(html), std::vector<std::string>{"Absent but found: large small"});
  EXPECT_NE(html.find("covers 75.0 %"), std::string::npos);
}

TEST(SampleReport, ShowsNoSampleTwice) {
  const test::TemporaryFolder folder;
  SampleReport report(folder.path() / "page.html", "title", {"first", "last"});
  for (int i = 0; i < 27; ++i) report.add(sample(std::to_string(i), 0.5));
  report.finish({});
  const std::vector<std::string> shown = sections(test::bytes_of(folder.path() / "page.html"));
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_TRUE(shown[0].starts_with("Worst: 0 1 2 ") && shown[0].ends_with(" 22 23")) << shown[0];
  EXPECT_EQ(shown[1], "Best: 26 25 24");
}

TEST(SampleReport, ShowsAFewOfMany) {
  const test::TemporaryFolder folder;
  SampleReport report(folder.path() / "page.html", "title", {"first", "last"});
  for (int i = 0; i < 100; ++i) report.add(sample(std::to_string(i), i / 100.0));
  report.finish({});
  const std::vector<std::string> shown = sections(test::bytes_of(folder.path() / "page.html"));
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_TRUE(shown[0].starts_with("Worst: 0 1 2 ") && shown[0].ends_with(" 22 23")) << shown[0];
  EXPECT_TRUE(shown[1].starts_with("Best: 99 98 ") && shown[1].ends_with(" 77 76")) << shown[1];
}

}  // namespace
}  // namespace ldznet
