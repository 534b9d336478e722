#include "draw/legend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "draw/text_drawing.h"
#include "mask/cv_view.h"

namespace ldznet {

namespace {

const cv::Scalar kPaper(255, 255, 255), kFrame(205, 208, 212);

/// The sizes of a legend in pixels; all derive from the height of its text.
struct Layout {
  int text;    // height of a capital
  int swatch;  // side of a colour's square
  int gap;     // between swatch, name and the next column
  int row;     // distance from row to row
  int columns, rows;
  int column;  // width of a column

  int height() const { return rows * row + gap; }
};

Layout plan(int width, std::span<const std::string> names) {
  Layout layout{};
  layout.text = std::clamp(width / 55, 8, 22);
  layout.swatch = layout.text * 3 / 2;
  layout.gap = layout.text;
  layout.row = layout.text * 5 / 2;
  int widest = 0;
  for (const std::string& name : names) widest = std::max(widest, text_width(layout.text, name));
  layout.column = layout.swatch + 2 * layout.gap + widest;
  layout.columns = std::clamp((width - layout.gap) / layout.column, 1, std::max(1, static_cast<int>(names.size())));
  layout.column = std::max(layout.column, std::min((width - layout.gap) / layout.columns, layout.column * 3 / 2));
  layout.rows = (static_cast<int>(names.size()) + layout.columns - 1) / layout.columns;
  return layout;
}

void draw_legend(const Layout& layout, std::span<const std::string> names, std::span<const Color> colors,
                 cv::Mat canvas) {
  canvas.setTo(kPaper);
  for (int k = 0; k < static_cast<int>(names.size()); ++k) {
    const int x = layout.gap + k % layout.columns * layout.column;
    const int middle = layout.gap / 2 + k / layout.columns * layout.row + layout.row / 2;
    const cv::Rect swatch(x, middle - layout.swatch / 2, layout.swatch, layout.swatch);
    cv::rectangle(canvas, swatch, cv::Scalar(colors[k].red, colors[k].green, colors[k].blue), cv::FILLED);
    cv::rectangle(canvas, swatch, kFrame);
    const int text_x = x + layout.swatch + layout.gap * 2 / 3;
    const int room = std::min(canvas.cols, x + layout.column) - text_x - layout.gap / 3;
    draw_text(layout.text, names[k], {text_x, middle + layout.text / 2}, kInk, canvas, std::max(0, room));
  }
}

/// Draws the picture in pale gray, so that colours stand out.
void draw_pale(const Image& image, cv::Mat canvas) {
  constexpr double kContrast = 0.45;
  Image copy{image.width, image.height, image.rgb, {}};
  cv::Mat gray;
  cv::cvtColor(view(copy), gray, cv::COLOR_RGB2GRAY);
  gray.convertTo(gray, CV_8U, kContrast, 255 * (1 - kContrast));
  cv::cvtColor(gray, canvas, cv::COLOR_GRAY2RGB);
}

}  // namespace

Image draw_labels(const Image& image, const LabelMap& map, std::span<const std::string> names,
                  std::span<const Color> colors) {
  if (image.rgb.empty()) return {};
  const Layout layout = plan(image.width, names);
  Image drawn{image.width, image.height + (names.empty() ? 0 : layout.height()), {}, {}};
  drawn.rgb.resize(static_cast<std::size_t>(drawn.width) * drawn.height * 3);
  cv::Mat canvas = view(drawn);
  draw_pale(image, canvas.rowRange(0, image.height));
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    if (map.labels[i] == 0) continue;
    const Color& color = colors[map.labels[i] - 1];
    std::copy_n(std::array{color.red, color.green, color.blue}.begin(), 3, &drawn.rgb[i * 3]);
  }
  if (!names.empty()) draw_legend(layout, names, colors, canvas.rowRange(image.height, drawn.height));
  return drawn;
}

}  // namespace ldznet
