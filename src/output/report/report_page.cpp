#include "output/report/report_page.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "base/base64.h"
#include "output/report/report_html.h"
#include "output/report/thumbnail.h"

namespace ldznet {

namespace {

constexpr int kThumbnailSide = 320;  // the longer side, pixels

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

}  // namespace

ReportPage::ReportPage(const std::filesystem::path& file, const std::string& title, const std::string& subtitle,
                       const std::vector<std::string>& switches)
    : file_(file), colors_(palette(switches)) {
  std::string start = kReportStart + escaped(title) + "</title>\n<header>\n<h1>" + escaped(title) + " <small>" +
                      escaped(subtitle) + "</small></h1>\n" + kReportControls;
  for (std::size_t k = 0; k < switches.size(); ++k)
    start += checkbox(attribute("data-box", std::to_string(k)), colors_[k], switches[k]) + "\n";
  file_.write(start + "</form>\n</header>\n<main>\n");
}

void ReportPage::section(const std::string& heading) {
  file_.write("<h2 class=\"wide\">" + escaped(heading) + "</h2>\n");
}

void ReportPage::preformatted(const std::string& text) {
  file_.write("<pre class=\"wide\">" + escaped(text) + "</pre>\n");
}

std::string ReportPage::mask_png(std::size_t number, const Mask& mask, int width, int height) const {
  return thumbnail_png(mask, colors_[number], thumbnail_size(width, height, kThumbnailSide));
}

std::string ReportPage::article(const ReportArticle& content) const {
  std::string html = "<article" + attribute("data-name", content.name) + ">\n<h2>" + escaped(content.name);
  if (content.width > 0)
    html += " <small>" + std::to_string(content.width) + " × " + std::to_string(content.height) + "</small>";
  html += "</h2>\n";
  if (!content.error.empty()) return html + "<p class=\"error\">" + escaped(content.error) + "</p>\n</article>\n";

  const ThumbnailSize size = thumbnail_size(content.width, content.height, kThumbnailSide);
  std::string masks, list;
  for (std::size_t k = 0; k < content.layers.size(); ++k) {
    const ReportLayer& layer = content.layers[k];
    const Color& color = colors_[layer.number];
    const std::string number = attribute("data-layer", std::to_string(k));
    list += "<li" + number + attribute("data-box", std::to_string(layer.number)) + attribute("data-text", layer.text) +
            attribute("data-score", std::to_string(layer.score)) + attribute("data-area", std::to_string(layer.area)) +
            ">" + checkbox("", color, layer.text) + " <small>" + escaped(layer.note) + "</small></li>\n";
    if (!layer.mask_png.empty())
      masks += "<img class=\"mask\" alt=\"\"" + number + attribute("src", data_uri("png", layer.mask_png)) + ">\n";
  }
  html += "<div class=\"picture\">";
  if (content.image != nullptr)
    html += "<img" + attribute("alt", content.name) + attribute("width", std::to_string(size.width)) +
            attribute("height", std::to_string(size.height)) +
            attribute("src", data_uri("jpeg", thumbnail_jpeg(*content.image, size))) + ">\n";
  return html + masks + "</div>\n<ul>\n" + list + "</ul>\n</article>\n";
}

void ReportPage::finish() {
  file_.write(kReportEnd);
  file_.commit();
}

}  // namespace ldznet
