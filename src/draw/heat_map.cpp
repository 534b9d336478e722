#include "draw/heat_map.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/decimals.h"
#include "draw/text_drawing.h"
#include "mask/cv_view.h"

namespace ldznet {

namespace {

constexpr int kText = 11, kTitle = 14;  // heights of capitals, pixels
constexpr int kRow = 34, kColumn = 66;  // a cell
constexpr int kGap = 20;
constexpr int kBar = 18;  // width of the colour bar
const cv::Scalar kPaper(255, 255, 255), kWhite(255, 255, 255);

/// The colour of a share from 0 to 1, RGB: viridis, which is as even in gray.
cv::Scalar color_of(double share) {
  cv::Mat cell(1, 1, CV_8U, cv::Scalar(std::lround(255 * std::clamp(share, 0.0, 1.0)))), colored;
  cv::applyColorMap(cell, colored, cv::COLORMAP_VIRIDIS);
  const auto bgr = colored.at<cv::Vec3b>(0, 0);
  return {static_cast<double>(bgr[2]), static_cast<double>(bgr[1]), static_cast<double>(bgr[0])};
}

/// Text round the middle of a rectangle.
void write_centred(const std::string& text, const cv::Rect& area, const cv::Scalar& ink, cv::Mat& canvas) {
  write(kText, text, {area.x + (area.width - text_width(kText, text)) / 2, area.y + (area.height + kText) / 2}, ink,
        canvas);
}

int widest(const std::vector<std::string>& names, const std::string& title) {
  int width = text_width(kText, title);
  for (const std::string& name : names) width = std::max(width, text_width(kText, name));
  return width;
}

}  // namespace

Image draw(const HeatMap& map) {
  double low = map.values.front().front(), high = low;
  for (const auto& row : map.values)
    for (const double value : row) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  const auto share = [&](double value) { return high > low ? (value - low) / (high - low) : 0.5; };

  const int rows = static_cast<int>(map.rows.size()), columns = static_cast<int>(map.columns.size());
  const int names = kGap + widest(map.rows, map.row_title) + kGap / 2;
  const int top = kGap + 2 * kTitle + kRow;  // title, the columns' title, their names
  const int right = kGap + kBar + kGap / 2 + text_width(kText, decimals(high)) + kGap;
  const int width = std::max(names + columns * kColumn + right, 2 * kGap + text_width(kTitle, map.title));
  Image image{width, top + rows * kRow + kGap, {}, {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * image.height * 3);
  cv::Mat canvas = view(image);
  canvas.setTo(kPaper);
  write(kTitle, map.title, {kGap, kGap + kTitle / 2}, kInk, canvas);
  write(kText, map.row_title, {kGap, top - kText}, kInk, canvas);
  write(kText, map.column_title, {names, kGap + 2 * kTitle}, kInk, canvas);
  for (int c = 0; c < columns; ++c)
    write_centred(map.columns[c], {names + c * kColumn, top - kRow + kText / 2, kColumn, kRow}, kInk, canvas);
  for (int r = 0; r < rows; ++r) {
    write(kText, map.rows[r], {kGap, top + r * kRow + (kRow + kText) / 2}, kInk, canvas);
    for (int c = 0; c < columns; ++c) {
      const cv::Rect cell(names + c * kColumn, top + r * kRow, kColumn - 1, kRow - 1);
      const double part = share(map.values[r][c]);
      cv::rectangle(canvas, cell, color_of(part), cv::FILLED);
      write_centred(decimals(map.values[r][c]), cell, part > 0.6 ? kInk : kWhite, canvas);
    }
  }
  const int bar_left = names + columns * kColumn + kGap, bar_height = rows * kRow - 1;
  for (int y = 0; y < bar_height; ++y)
    canvas(cv::Rect(bar_left, top + y, kBar, 1))
        .setTo(color_of(1 - static_cast<double>(y) / std::max(bar_height - 1, 1)));
  write(kText, decimals(high), {bar_left + kBar + kGap / 2, top + kText}, kInk, canvas);
  write(kText, decimals(low), {bar_left + kBar + kGap / 2, top + bar_height}, kInk, canvas);
  return image;
}

}  // namespace ldznet
