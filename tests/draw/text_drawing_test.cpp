#include "draw/text_drawing.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

namespace ldznet {
namespace {

constexpr int kHeight = 12;
const cv::Point kBaseline(20, 40);
const cv::Scalar kWhite(255, 255, 255), kBlack(0, 0, 0);

cv::Mat drawn(const std::string& text, int room = 360) {
  cv::Mat canvas(60, 400, CV_8UC3, kWhite);
  draw_text(kHeight, text, kBaseline, kBlack, canvas, room);
  return canvas;
}

/// The box of what is not white.
cv::Rect ink(const cv::Mat& canvas) {
  cv::Mat gray;
  cv::cvtColor(canvas, gray, cv::COLOR_RGB2GRAY);
  return cv::boundingRect(gray < 250);
}

bool equal(const cv::Mat& a, const cv::Mat& b) { return cv::countNonZero(cv::Mat(a != b).reshape(1)) == 0; }

TEST(TextDrawing, WidthGrowsWithTextAndHeight) {
  EXPECT_EQ(text_width(kHeight, ""), 0);
  EXPECT_GT(text_width(kHeight, "mm"), text_width(kHeight, "m"));
  EXPECT_GT(text_width(2 * kHeight, "m"), text_width(kHeight, "m"));
  EXPECT_EQ(text_width(kHeight, std::string(5000, 'm')), text_width(kHeight, std::string(9000, 'm')));
}

TEST(TextDrawing, CapitalsStandOnTheBaselineAndAreAsHighAsAsked) {
  const cv::Rect box = ink(drawn("HHH"));
  EXPECT_NEAR(box.br().y, kBaseline.y, 1);
  EXPECT_NEAR(box.height, kHeight, 2);
  EXPECT_NEAR(box.x, kBaseline.x, 3);
  EXPECT_NEAR(box.width, text_width(kHeight, "HHH"), 6);
}

TEST(TextDrawing, TextThatDoesNotFitIsShortened) {
  for (const std::string text : {"a rather long name", "\u718a\u732b\u5728\u7af9\u6797\u91cc\u73a9",
                                 "\u0633\u0645\u0627\u0621 \u0632\u0631\u0642\u0627\u0621 \u0648\u0627\u0633\u0639"}) {
    const int width = text_width(kHeight, text);
    EXPECT_TRUE(equal(drawn(text, width), drawn(text))) << text;
    const int room = width - 1;
    EXPECT_FALSE(equal(drawn(text, room), drawn(text))) << text;
    for (const int less : {room, width / 2, 5, 0})
      EXPECT_LE(ink(drawn(text, less)).br().x, kBaseline.x + less) << text << " in " << less;
    EXPECT_GT(ink(drawn(text, room)).width, width / 2) << text;
  }
}

TEST(TextDrawing, EveryScriptIsDrawn) {
  const std::vector<std::string> texts = {"panda",
                                          "\u718a\u732b",
                                          "\u5929\u7a7a",
                                          "\u0633\u0645\u0627\u0621",
                                          "\u0939\u093e\u0925\u0940",
                                          "\U0001F43C",
                                          "na\u00efve",
                                          "naive",
                                          "?"};
  for (std::size_t a = 0; a < texts.size(); ++a) {
    EXPECT_GT(ink(drawn(texts[a])).area(), 20) << texts[a];
    EXPECT_TRUE(equal(drawn(texts[a]), drawn(texts[a]))) << texts[a];
    for (std::size_t b = 0; b < a; ++b)
      EXPECT_FALSE(equal(drawn(texts[a]), drawn(texts[b]))) << texts[a] << " looks like " << texts[b];
  }
}

TEST(TextDrawing, TextIsNeitherMarkupNorSeveralLines) {
  EXPECT_GT(text_width(kHeight, "<b>x</b>"), 3 * text_width(kHeight, "x"));
  EXPECT_GT(text_width(kHeight, "&amp;"), 3 * text_width(kHeight, "&"));
  EXPECT_GT(text_width(kHeight, "a\nb"), text_width(kHeight, "anb")) << "escaped";
  for (const std::string text : {"a\nb", "a\r\nb", "a\u2028b", "a\u2029b", "a\vb", "a\u0085b"})
    EXPECT_LT(ink(drawn(text)).height, 2 * kHeight) << testing::PrintToString(text);
  for (const std::string text : {"bad\xff", "\xe7\x86", "a\x01\x7f"}) EXPECT_GT(ink(drawn(text)).area(), 0);
  using namespace std::string_literals;
  EXPECT_GT(text_width(kHeight, "a\0b"s), text_width(kHeight, "a"));
}

TEST(TextDrawing, TextStaysInItsPlace) {
  std::string stacked = "e";  // marks upon marks
  for (int k = 0; k < 30; ++k) stacked += "\u0301\u0316";
  for (const std::string& text : {std::string("\u202Epanda"), std::string("\u2067\u0633\u0645 abc"), stacked}) {
    const cv::Rect box = ink(drawn(text)), place(kBaseline.x - kHeight / 4, kBaseline.y - kHeight * 7 / 4,
                                                 text_width(kHeight, text) + kHeight / 2, kHeight * 5 / 2);
    EXPECT_EQ(box & place, box) << text;
  }
  cv::Mat canvas = drawn("");
  for (const cv::Point outside : {cv::Point(500, 500), cv::Point(-300, 20), cv::Point(20, -90)})
    draw_text(kHeight, "HHH", outside, kBlack, canvas);
  EXPECT_TRUE(equal(canvas, drawn("")));
  draw_text(kHeight, "HHH", {-10, 5}, kBlack, canvas);
  EXPECT_FALSE(equal(canvas, drawn(""))) << "the part within the picture";
}

TEST(TextDrawing, InkHasItsColour) {
  cv::Mat canvas(60, 200, CV_8UC3, kWhite);
  draw_text(24, "III", kBaseline, {200, 100, 0}, canvas);
  cv::Mat found;
  cv::inRange(canvas, cv::Scalar(200, 100, 0), cv::Scalar(200, 100, 0), found);
  EXPECT_GT(cv::countNonZero(found), 20);
}

}  // namespace
}  // namespace ldznet
