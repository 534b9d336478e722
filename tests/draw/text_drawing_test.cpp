#include "draw/text_drawing.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

constexpr int kHeight = 12;

TEST(TextDrawing, WidthGrowsWithTextAndHeight) {
  EXPECT_GT(text_width(kHeight, "mm"), text_width(kHeight, "m"));
  EXPECT_GT(text_width(2 * kHeight, "m"), text_width(kHeight, "m"));
}

TEST(TextDrawing, TextThatDoesNotFitIsShortened) {
  const std::string text = "a rather long name";
  const int width = text_width(kHeight, text);
  EXPECT_EQ(shortened(kHeight, text, width), text);
  const std::string cut = shortened(kHeight, text, width - 1);
  EXPECT_TRUE(cut.ends_with("..."));
  EXPECT_TRUE(text.starts_with(cut.substr(0, cut.size() - 3)));
  EXPECT_LE(text_width(kHeight, cut), width - 1);
  const std::string one_more = text.substr(0, cut.size() - 2) + "...";
  EXPECT_GT(text_width(kHeight, one_more), width - 1) << "as long as possible";
  EXPECT_EQ(shortened(kHeight, text, 0), "...");
}

TEST(TextDrawing, DrawsAboveTheBaselineAndInsideThePicture) {
  cv::Mat canvas(60, 200, CV_8UC3, cv::Scalar(255, 255, 255));
  draw_text(kHeight, "HHH", {10, 40}, {0, 0, 0}, canvas);
  const cv::Mat dark = canvas.reshape(1) < 128;
  cv::Mat rows;
  cv::reduce(dark, rows, 1, cv::REDUCE_MAX);
  for (int y = 0; y < canvas.rows; ++y) {
    const bool inside = y > 40 - kHeight && y < 40;
    const bool outside = y < 40 - kHeight - 3 || y > 43;  // strokes are a few pixels wide
    if (inside || outside) {
      EXPECT_EQ(rows.at<std::uint8_t>(y) != 0, inside) << y;
    }
  }
  const cv::Mat before = canvas.clone();
  draw_text(kHeight, "HHH", {500, 500}, {0, 0, 0}, canvas);
  EXPECT_EQ(cv::countNonZero(cv::Mat(canvas != before).reshape(1)), 0) << "text outside the picture";
  EXPECT_NO_THROW(draw_text(kHeight, "HHH", {-10, 5}, {0, 0, 0}, canvas));
}

}  // namespace
}  // namespace ldznet
