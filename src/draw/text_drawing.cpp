#include "draw/text_drawing.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <string>

#include "base/log.h"
#include "base/printable.h"

namespace ldznet {

namespace {

constexpr double kCapitals = 0.73;        // height of a capital of DejaVu Sans, in sizes of the font
constexpr std::size_t kMostBytes = 1000;  // more than a picture shows; the time grows with the length

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using Layout = std::unique_ptr<PangoLayout, Deleter<g_object_unref>>;

/// The text as Pango wants it: valid UTF-8 in one line, of bounded length.
std::string one_line(std::string_view text) {
  if (text.empty()) return "";
  const std::unique_ptr<char, Deleter<g_free>> valid(
      g_utf8_make_valid(text.data(), static_cast<gssize>(std::min(text.size(), kMostBytes))));
  return printable(valid.get()) + (text.size() > kMostBytes ? "…" : "");
}

Layout layout_of(int height, std::string_view text) {
  const std::unique_ptr<PangoContext, Deleter<g_object_unref>> context(
      pango_font_map_create_context(pango_cairo_font_map_get_default()));
  const std::unique_ptr<cairo_font_options_t, Deleter<cairo_font_options_destroy>> options(cairo_font_options_create());
  cairo_font_options_set_antialias(options.get(),
                                   CAIRO_ANTIALIAS_GRAY);  // a machine's settings may want coloured edges
  pango_cairo_context_set_font_options(context.get(), options.get());
  const std::unique_ptr<PangoFontDescription, Deleter<pango_font_description_free>> font(
      pango_font_description_from_string("Sans"));
  pango_font_description_set_absolute_size(font.get(), height / kCapitals * PANGO_SCALE);

  Layout layout(pango_layout_new(context.get()));
  const std::string line = one_line(text);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);  // Unicode has separators that are no control characters
  pango_layout_set_text(layout.get(), line.data(), static_cast<int>(line.size()));
  return layout;
}

int width_of(const Layout& layout) {
  int width = 0;
  pango_layout_get_pixel_size(layout.get(), &width, nullptr);
  return width;
}

void warn_of_missing_letters(const Layout& layout) {
  static std::atomic_flag warned;
  if (pango_layout_get_unknown_glyphs_count(layout.get()) == 0 || warned.test_and_set()) return;
  log::warn(
      "no installed font has all letters of \"" + std::string(pango_layout_get_text(layout.get())) +
      "\", so pictures show boxes in their places. Install fonts for its script (Debian: fonts-noto, fonts-noto-cjk).");
}

}  // namespace

int text_width(int height, std::string_view text) { return width_of(layout_of(height, text)); }

void draw_text(int height, std::string_view text, cv::Point baseline, const cv::Scalar& ink, cv::Mat& canvas,
               int room) {
  const Layout layout = layout_of(height, text);
  int width = width_of(layout);
  if (width > room) {
    pango_layout_set_width(layout.get(), room * PANGO_SCALE);
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    width = room;
  }
  warn_of_missing_letters(layout);
  // Some fonts are taller than a row of a legend, and slanted letters reach over the text's width.
  const int slant = height / 4;
  const cv::Rect wanted(baseline.x - slant, baseline.y - height * 7 / 4, width + slant + std::min(slant, room - width),
                        height * 5 / 2);
  const cv::Rect area = wanted & cv::Rect({0, 0}, canvas.size());
  if (area.empty()) return;
  cv::Mat pixels;  // in cairo's order
  cv::cvtColor(canvas(area), pixels, cv::COLOR_RGB2BGRA);
  {
    const std::unique_ptr<cairo_surface_t, Deleter<cairo_surface_destroy>> surface(cairo_image_surface_create_for_data(
        pixels.data, CAIRO_FORMAT_RGB24, pixels.cols, pixels.rows, static_cast<int>(pixels.step)));
    const std::unique_ptr<cairo_t, Deleter<cairo_destroy>> drawing(cairo_create(surface.get()));
    cairo_set_source_rgb(drawing.get(), ink[0] / 255, ink[1] / 255, ink[2] / 255);
    cairo_move_to(drawing.get(), baseline.x - area.x, baseline.y - area.y);
    pango_cairo_show_layout_line(drawing.get(), pango_layout_get_line_readonly(layout.get(), 0));
  }
  cv::cvtColor(pixels, canvas(area), cv::COLOR_BGRA2RGB);
}

}  // namespace ldznet
