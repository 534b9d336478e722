#include "draw/text_drawing.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace ldznet {

namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr int kSharper = 4;     // text is drawn this many times larger and then scaled down, for smooth strokes
constexpr int kCapHeight = 21;  // of the font at scale 1, pixels

double text_scale(int height) { return static_cast<double>(height) / kCapHeight; }

}  // namespace

int text_width(int height, const std::string& text) {
  int baseline = 0;
  const cv::Size large = cv::getTextSize(text, kFont, text_scale(height) * kSharper, kSharper, &baseline);
  return large.width / kSharper + 1;
}

std::string shortened(int height, const std::string& text, int room) {
  if (text_width(height, text) <= room) return text;
  std::size_t fits = 0;  // bisection, since measuring takes time proportional to the length
  for (std::size_t too_long = text.size(); too_long - fits > 1;) {
    const std::size_t length = (fits + too_long) / 2;
    (text_width(height, text.substr(0, length) + "...") <= room ? fits : too_long) = length;
  }
  return text.substr(0, fits) + "...";
}

void draw_text(int height, const std::string& text, cv::Point baseline, const cv::Scalar& ink, cv::Mat& canvas) {
  const cv::Rect wanted(baseline.x, baseline.y - height * 3 / 2, text_width(height, text) + 2, height * 5 / 2);
  const cv::Rect area = wanted & cv::Rect({0, 0}, canvas.size());
  if (text.empty() || area.empty()) return;
  cv::Mat large;
  cv::resize(canvas(area), large, {}, kSharper, kSharper, cv::INTER_NEAREST);
  const cv::Point origin = (baseline - area.tl()) * kSharper;
  const int stroke = std::max(kSharper, static_cast<int>(std::lround(text_scale(height) * kSharper * 2)));
  cv::putText(large, text, origin, kFont, text_scale(height) * kSharper, ink, stroke, cv::LINE_AA);
  cv::resize(large, canvas(area), area.size(), 0, 0, cv::INTER_AREA);
}

}  // namespace ldznet
