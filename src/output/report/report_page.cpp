#include "output/report/report_page.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "base/base64.h"
#include "base/decimals.h"
#include "base/log.h"
#include "base/text.h"
#include "output/report/report_html.h"

namespace ldznet {

namespace {

constexpr int kThumbnailSide = 320;  // the longer side, pixels
constexpr const char* kLazy = " loading=\"lazy\" decoding=\"async\"";

/// Escapes text for HTML, including attributes.
std::string escaped(std::string_view text) {
  std::string html;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += letter;
    }
  }
  return html;
}

std::string hex(const Color& color) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", color.red, color.green, color.blue);
  return text.data();
}

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + escaped(value) + "\"";
}

/// A labelled checkbox that shows and hides masks, with their colour.
std::string checkbox(const std::string& attributes, const Color& color, const std::string& text) {
  return "<label><input type=\"checkbox\" checked" + attributes +
         "> <span class=\"colour\" style=\"background:" + hex(color) + "\"></span> " + escaped(text) + "</label>";
}

std::string data_uri(const char* type, const std::string& bytes) {
  return std::string("data:image/") + type + ";base64," + encode_base64(bytes);
}

/// An image of a layer, to lie on the picture; nothing without a PNG.
std::string layer_image(const char* kind, const std::string& attributes, const std::string& png) {
  if (png.empty()) return "";
  return "<img" + attribute("class", kind) + " alt=\"\"" + attributes + kLazy + attribute("src", data_uri("png", png)) +
         ">\n";
}

/// A layer's line in the list below its picture.
std::string list_item(const ReportLayer& layer, const std::string& number, const Color& color) {
  std::string html = "<li" + number + attribute("data-box", std::to_string(layer.number)) +
                     attribute("data-text", layer.text) + attribute("data-score", std::to_string(layer.score)) +
                     attribute("data-area", std::to_string(layer.area));
  if (!layer.iou.empty()) html += attribute("data-iou", layer.iou);
  html += ">" + checkbox("", color, layer.text) + " <small>" + escaped(layer.note);
  if (!layer.comparison.empty()) html += "<span class=\"comparison\">" + escaped(layer.comparison) + "</span>";
  return html + "</small></li>\n";
}

std::string legend_entry(const Color& color, const char* text) {
  return "<span><span class=\"colour\" style=\"background:" + hex(color) + "\"></span> " + text + "</span>\n";
}

std::string comparison_controls(const std::string& other_run) {
  return "<label>Show <select id=\"view\"><option value=\"this\">this run<option value=\"other\">the other "
         "run: " +
         escaped(other_run) +
         "<option value=\"side\">side by side<option value=\"difference\">difference</select></label>\n"
         "<label>IoU of both at most <input id=\"agreement\" type=\"number\" min=\"0\" max=\"1\" step=\"0.05\" "
         "value=\"1\"></label>\n"
         "<label>Order <select id=\"order\"><option value=\"given\">as segmented<option value=\"iou\">most different "
         "first</select></label>\n<span class=\"differences\">" +
         legend_entry(kInBoth, "in both") + legend_entry(kOnlyOurs, "only in this run") +
         legend_entry(kOnlyTheirs, "only in the other") + "</span>\n";
}

std::string threshold_slider(double threshold) {
  const std::string value = decimals(threshold, 2);
  return "<label title=\"Shows where the saved probabilities reach this value, without any clean-up of masks. "
         "Scores and areas stay those of the run.\">Threshold <input id=\"threshold\" type=\"range\" min=\"0.01\" "
         "max=\"1\" step=\"0.01\"" +
         attribute("value", value) + "> <output id=\"cut\">" + value + "</output></label>\n";
}

/// A step of an SVG filter that fills everything with a colour.
std::string flood(const std::string& color, double opacity) {
  return "<feFlood" + attribute("flood-color", color) + attribute("flood-opacity", decimals(opacity, 2)) + "/>";
}

/// For each colour an SVG filter that gives it to pixels from the slider's threshold on, with the lines of
/// `thumbnail_png` around them; see `cut` in the script.
std::string threshold_filters(const std::vector<Color>& colors) {
  std::string html = "<svg class=\"filters\" aria-hidden=\"true\">\n";
  for (std::size_t k = 0; k < colors.size(); ++k)
    html +=
        "<filter" + attribute("id", "cut" + std::to_string(k)) +
        R"( x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">)"
        R"(<feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  1 0 0 0 0"/>)"
        R"(<feComponentTransfer result="inside"><feFuncA type="linear" slope="255" intercept="0"/></feComponentTransfer>)"
        R"(<feMorphology operator="dilate" radius="1" result="near"/>)" +
        flood("#ffffff", kOutlineStrength) +
        R"(<feComposite operator="in" in2="near"/>)"
        R"(<feComposite operator="out" in2="inside" result="light"/>)"
        R"(<feMorphology in="inside" operator="dilate" radius="2" result="far"/>)" +
        flood("#000000", kOutlineStrength) +
        R"(<feComposite operator="in" in2="far"/>)"
        R"(<feComposite operator="out" in2="near" result="dark"/>)" +
        flood(hex(colors[k]), kMaskStrength) +
        R"(<feComposite operator="in" in2="inside"/>)"
        R"(<feComposite operator="over" in2="light"/><feComposite operator="over" in2="dark"/></filter>)"
        "\n";
  return html + "</svg>\n";
}

}  // namespace

ReportPage::ReportPage(const std::filesystem::path& file, const ReportHeader& header)
    : path_(file), file_(file), compares_(!header.other_run.empty()), colors_(palette(header.switches)) {
  std::string html = report_start() + escaped(header.title) + "</title>\n<body>\n<header>\n<h1>" +
                     escaped(header.title) + " <small>" + escaped(header.subtitle) + "</small></h1>\n<form>\n" +
                     kReportFilters;
  const std::string controls = (compares_ ? comparison_controls(header.other_run) : "") +
                               (header.threshold ? threshold_slider(*header.threshold) : "");
  if (!controls.empty()) html += "<div>\n" + controls + "</div>\n";
  html += "<div class=\"switches\">\n";
  for (std::size_t k = 0; k < header.switches.size(); ++k)
    html += checkbox(attribute("data-box", std::to_string(k)), colors_[k], header.switches[k]) + "\n";
  html += "</div>\n<div class=\"summary\"><span id=\"shown\" role=\"status\"></span>\n" + std::string(kReportKeys) +
          (compares_ ? ", <kbd>v</kbd> next view" : "") + "</span></div>\n</form>\n</header>\n";
  if (header.threshold) html += threshold_filters(colors_);
  write(html + "<main>\n");
}

void ReportPage::write(const std::string& html) {
  file_.write(html);
  bytes_ += html.size();
}

void ReportPage::add(const std::string& article) {
  write(article);
  ++articles_;
}

void ReportPage::section(const std::string& heading) { write("<h2 class=\"wide\">" + escaped(heading) + "</h2>\n"); }

void ReportPage::table(const TextTable& rows) {
  std::string html = "<div class=\"wide\"><table>\n";
  const char* cell = "th";
  for (const std::vector<std::string>& row : rows) {
    html += "<tr>";
    for (const std::string& text : row) html += std::string("<") + cell + ">" + escaped(text) + "</" + cell + ">";
    html += "</tr>\n";
    cell = "td";
  }
  write(html + "</table></div>\n");
}

void ReportPage::list(const std::string& heading, const std::vector<std::string>& items) {
  std::string html = "<details class=\"wide\"><summary>" + escaped(heading) + "</summary>\n<ul>\n";
  for (const std::string& item : items) html += "<li>" + escaped(item) + "</li>\n";
  write(html + "</ul>\n</details>\n");
}

ThumbnailSize ReportPage::thumbnail(int width, int height) { return thumbnail_size(width, height, kThumbnailSide); }

std::string ReportPage::mask_png(std::size_t number, const Mask& mask, int width, int height) const {
  return thumbnail_png(mask, colors_[number], thumbnail(width, height));
}

std::string ReportPage::article(const ReportArticle& content) const {
  std::string html =
      "<article" + attribute("data-name", content.name) + " tabindex=\"-1\">\n<h2>" + escaped(content.name);
  if (content.width > 0)
    html += " <small>" + std::to_string(content.width) + " × " + std::to_string(content.height) + "</small>";
  html += "</h2>\n";
  if (!content.note.empty()) html += "<small>" + escaped(content.note) + "</small>\n";
  if (!content.error.empty()) return html + "<p class=\"error\">" + escaped(content.error) + "</p>\n</article>\n";

  const ThumbnailSize size = thumbnail(content.width, content.height);
  std::string masks, others, list;
  for (std::size_t k = 0; k < content.layers.size(); ++k) {
    const ReportLayer& layer = content.layers[k];
    const std::string number = attribute("data-layer", std::to_string(k));
    list += list_item(layer, number, colors_[layer.number]);
    masks += layer_image("mask", number, layer.mask_png);
    masks +=
        layer_image("probability", number + attribute("style", "filter:url(#cut" + std::to_string(layer.number) + ")"),
                    layer.probability_png);
    masks += layer_image("difference", number, layer.difference_png);
    others += layer_image("other", number, layer.other_png);
  }
  html += "<div class=\"pictures\">\n<div class=\"picture first\" data-run=\"this run\">";
  if (content.image != nullptr)
    html += "<img" + attribute("alt", content.name) + attribute("width", std::to_string(size.width)) +
            attribute("height", std::to_string(size.height)) + kLazy +
            attribute("src", data_uri("jpeg", thumbnail_jpeg(*content.image, size))) + ">\n";
  html += masks + "</div>\n";
  if (compares_) html += "<div class=\"picture second\" data-run=\"other run\">" + others + "</div>\n";
  return html + "</div>\n<ul>\n" + list + "</ul>\n</article>\n";
}

void ReportPage::finish() {
  write(std::string("</main>\n<script>") + kReportScript + "</script>\n</body>\n</html>\n");
  file_.commit();
  log::info(path_.string() + ": " + counted(articles_, "picture") + ", " + decimals(static_cast<double>(bytes_) / 1e6) +
            " MB");
}

}  // namespace ldznet
