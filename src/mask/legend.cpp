#include "mask/legend.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "mask/mat.h"

namespace ldznet {

namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr int kSharper = 4;     // text is drawn this many times larger and scaled down, which smooths its strokes
constexpr int kCapHeight = 21;  // of the font at scale 1, pixels
const cv::Scalar kPaper(255, 255, 255), kInk(38, 42, 48), kFrame(205, 208, 212);

/// Sizes of a legend in pixels; all follow from the height of its text.
struct Layout {
  int text;    // height of a capital
  int swatch;  // side of a colour's square
  int gap;     // between swatch, name and the next column
  int row;     // from one row to the next
  int columns, rows;
  int column;  // width of a column

  int height() const { return rows * row + gap; }
};

double text_scale(const Layout& layout) { return static_cast<double>(layout.text) / kCapHeight; }

int text_width(const Layout& layout, const std::string& text) {
  int baseline = 0;
  const cv::Size large = cv::getTextSize(text, kFont, text_scale(layout) * kSharper, kSharper, &baseline);
  return large.width / kSharper + 1;
}

Layout plan(int width, std::span<const std::string> texts) {
  Layout layout{};
  layout.text = std::clamp(width / 55, 8, 22);
  layout.swatch = layout.text * 3 / 2;
  layout.gap = layout.text;
  layout.row = layout.text * 5 / 2;
  int widest = 0;
  for (const std::string& text : texts) widest = std::max(widest, text_width(layout, text));
  layout.column = layout.swatch + 2 * layout.gap + widest;
  layout.columns = std::clamp((width - layout.gap) / layout.column, 1, std::max(1, static_cast<int>(texts.size())));
  layout.column = std::max(layout.column, std::min((width - layout.gap) / layout.columns, layout.column * 3 / 2));
  layout.rows = (static_cast<int>(texts.size()) + layout.columns - 1) / layout.columns;
  return layout;
}

/// The text, cut to end in "..." where it is wider than `room` pixels.
std::string fitted(const Layout& layout, const std::string& text, int room) {
  if (text_width(layout, text) <= room) return text;
  std::size_t fits = 0;  // by halving, since measuring takes as long as the text is
  for (std::size_t too_long = text.size(); too_long - fits > 1;) {
    const std::size_t length = (fits + too_long) / 2;
    (text_width(layout, text.substr(0, length) + "...") <= room ? fits : too_long) = length;
  }
  return text.substr(0, fits) + "...";
}

void write(const Layout& layout, const std::string& text, cv::Point baseline, cv::Mat& canvas) {
  const cv::Rect wanted(baseline.x, baseline.y - layout.text * 3 / 2, text_width(layout, text) + 2,
                        layout.text * 5 / 2);
  const cv::Rect area = wanted & cv::Rect({0, 0}, canvas.size());
  if (text.empty() || area.empty()) return;
  cv::Mat large;
  cv::resize(canvas(area), large, {}, kSharper, kSharper, cv::INTER_NEAREST);
  const cv::Point origin = (baseline - area.tl()) * kSharper;
  const int stroke = std::max(kSharper, static_cast<int>(std::lround(text_scale(layout) * kSharper * 2)));
  cv::putText(large, text, origin, kFont, text_scale(layout) * kSharper, kInk, stroke, cv::LINE_AA);
  cv::resize(large, canvas(area), area.size(), 0, 0, cv::INTER_AREA);
}

void draw_legend(const Layout& layout, std::span<const std::string> texts, std::span<const Color> colors,
                 cv::Mat canvas) {
  canvas.setTo(kPaper);
  for (int k = 0; k < static_cast<int>(texts.size()); ++k) {
    const int x = layout.gap + k % layout.columns * layout.column;
    const int middle = layout.gap / 2 + k / layout.columns * layout.row + layout.row / 2;
    const cv::Rect swatch(x, middle - layout.swatch / 2, layout.swatch, layout.swatch);
    cv::rectangle(canvas, swatch, cv::Scalar(colors[k].red, colors[k].green, colors[k].blue), cv::FILLED);
    cv::rectangle(canvas, swatch, kFrame);
    const int text_x = x + layout.swatch + layout.gap * 2 / 3;
    const int room = std::min(canvas.cols, x + layout.column) - text_x - layout.gap / 3;
    write(layout, fitted(layout, texts[k], room), {text_x, middle + layout.text / 2}, canvas);
  }
}

/// The picture as pale gray, on which colours stand out.
void pale(const Image& image, cv::Mat canvas) {
  constexpr double kContrast = 0.45;
  Image copy{image.width, image.height, image.rgb, {}};
  cv::Mat gray;
  cv::cvtColor(view(copy), gray, cv::COLOR_RGB2GRAY);
  gray.convertTo(gray, CV_8U, kContrast, 255 * (1 - kContrast));
  cv::cvtColor(gray, canvas, cv::COLOR_GRAY2RGB);
}

}  // namespace

std::string to_ascii(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                      UTF8PROC_STRIPMARK | UTF8PROC_STRIPCC);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  if (size < 0) return "?";
  std::string ascii;
  bool other_before = false;
  for (utf8proc_ssize_t i = 0; i < size; ++i) {
    const bool other = mapped[i] >= 0x7F;
    if (!other) ascii.push_back(static_cast<char>(mapped[i]));
    if (other && !other_before) ascii.push_back('?');
    other_before = other;
  }
  std::free(mapped);
  return ascii;
}

Image draw_labels(const Image& image, const LabelMap& map, std::span<const std::string> names,
                  std::span<const Color> colors) {
  if (image.rgb.empty()) return {};
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(to_ascii(name));
  const Layout layout = plan(image.width, texts);
  Image drawn{image.width, image.height + (texts.empty() ? 0 : layout.height()), {}, {}};
  drawn.rgb.resize(static_cast<std::size_t>(drawn.width) * drawn.height * 3);
  cv::Mat canvas = view(drawn);
  pale(image, canvas.rowRange(0, image.height));
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    if (map.labels[i] == 0) continue;
    const Color& color = colors[map.labels[i] - 1];
    std::copy_n(std::array{color.red, color.green, color.blue}.begin(), 3, &drawn.rgb[i * 3]);
  }
  if (!texts.empty()) draw_legend(layout, texts, colors, canvas.rowRange(image.height, drawn.height));
  return drawn;
}

}  // namespace ldznet
