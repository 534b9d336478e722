#include "draw/heat_map.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/decimals.h"
#include "draw/text_drawing.h"
#include "mask/cv_view.h"

namespace ldznet {

namespace {

constexpr int kText = 11, kTitle = 14;  // heights of capital letters, pixels
constexpr int kRow = 34, kColumn = 66;  // size of a cell, pixels
constexpr int kGap = 20;
constexpr int kBar = 18;  // width of the colour bar
const cv::Scalar kPaper(255, 255, 255), kWhite(255, 255, 255);

/// The RGB colour of a share from 0 to 1: viridis, which keeps its order when printed in gray.
cv::Scalar color_of(double share) {
  cv::Mat cell(1, 1, CV_8U, cv::Scalar(std::round(255 * std::clamp(share, 0.0, 1.0)))), colored;
  cv::applyColorMap(cell, colored, cv::COLORMAP_VIRIDIS);
  const auto bgr = colored.at<cv::Vec3b>(0, 0);
  return {static_cast<double>(bgr[2]), static_cast<double>(bgr[1]), static_cast<double>(bgr[0])};
}

/// Draws text in the centre of a rectangle.
void draw_centred(const std::string& text, const cv::Rect& area, const cv::Scalar& ink, cv::Mat& canvas) {
  draw_text(kText, text, {area.x + (area.width - text_width(kText, text)) / 2, area.y + (area.height + kText) / 2}, ink,
            canvas);
}

int widest(const std::vector<std::string>& names, const std::string& title) {
  int width = text_width(kText, title);
  for (const std::string& name : names) width = std::max(width, text_width(kText, name));
  return width;
}

/// The range of the values.
struct Range {
  double low, high;

  explicit Range(const std::vector<std::vector<double>>& values) : low(values.front().front()), high(low) {
    for (const auto& row : values)
      for (const double value : row) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  }

  /// Where the value lies in the range, 0 to 1.
  double share(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

/// Where the parts of the heat map are, in pixels.
struct Layout {
  int rows, columns;
  int left, top;      // of the cells
  int bar;            // left edge of the colour bar
  int width, height;  // of the picture

  Layout(const HeatMap& map, const Range& range)
      : rows(static_cast<int>(map.rows.size())),
        columns(static_cast<int>(map.columns.size())),
        left(kGap + widest(map.rows, map.row_title) + kGap / 2),
        top(kGap + 2 * kTitle + kRow),  // below the title, the columns' title and their names
        bar(left + columns * kColumn + kGap),
        width(std::max(bar + kBar + kGap / 2 + text_width(kText, decimals(range.high)) + kGap,
                       2 * kGap + text_width(kTitle, map.title))),
        height(top + rows * kRow + kGap) {}
};

void draw_cells(const HeatMap& map, const Layout& layout, const Range& range, cv::Mat& canvas) {
  for (int c = 0; c < layout.columns; ++c)
    draw_centred(map.columns[c], {layout.left + c * kColumn, layout.top - kRow + kText / 2, kColumn, kRow}, kInk,
                 canvas);
  for (int r = 0; r < layout.rows; ++r) {
    draw_text(kText, map.rows[r], {kGap, layout.top + r * kRow + (kRow + kText) / 2}, kInk, canvas);
    for (int c = 0; c < layout.columns; ++c) {
      const cv::Rect cell(layout.left + c * kColumn, layout.top + r * kRow, kColumn - 1, kRow - 1);
      const double share = range.share(map.values[r][c]);
      cv::rectangle(canvas, cell, color_of(share), cv::FILLED);
      draw_centred(decimals(map.values[r][c]), cell, share > 0.6 ? kInk : kWhite, canvas);
    }
  }
}

void draw_bar(const Layout& layout, const Range& range, cv::Mat& canvas) {
  const int height = layout.rows * kRow - 1;
  for (int y = 0; y < height; ++y)
    canvas(cv::Rect(layout.bar, layout.top + y, kBar, 1))
        .setTo(color_of(1 - static_cast<double>(y) / std::max(height - 1, 1)));
  const int text = layout.bar + kBar + kGap / 2;
  draw_text(kText, decimals(range.high), {text, layout.top + kText}, kInk, canvas);
  draw_text(kText, decimals(range.low), {text, layout.top + height}, kInk, canvas);
}

}  // namespace

Image draw_heat_map(const HeatMap& map) {
  const Range range(map.values);
  const Layout layout(map, range);
  Image image{layout.width, layout.height, {}, {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * image.height * 3);
  cv::Mat canvas = view(image);
  canvas.setTo(kPaper);
  draw_text(kTitle, map.title, {kGap, kGap + kTitle / 2}, kInk, canvas);
  draw_text(kText, map.row_title, {kGap, layout.top - kText}, kInk, canvas);
  draw_text(kText, map.column_title, {layout.left, kGap + 2 * kTitle}, kInk, canvas);
  draw_cells(map, layout, range, canvas);
  draw_bar(layout, range, canvas);
  return image;
}

}  // namespace ldznet
