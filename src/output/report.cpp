#include "output/report.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "base/base64.h"
#include "ldznet/error.h"
#include "mask/rle.h"
#include "output/report_page.h"
#include "output/thumbnail.h"

namespace ldznet {

namespace {

constexpr int kSide = 320;  // of the small pictures, pixels

/// Text that means itself in HTML, in attributes, too.
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

std::string three_decimals(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + escaped(value) + "\"";
}

/// A box that switches masks of a prompt, with its colour and text.
std::string box(const std::string& attributes, const Color& color, const std::string& prompt) {
  return "<label><input type=\"checkbox\" checked" + attributes +
         "> <span class=\"colour\" style=\"background:" + hex(color) + "\"></span> " + escaped(prompt) + "</label>";
}

std::string data_uri(const char* type, const std::string& bytes) {
  return std::string("data:image/") + type + ";base64," + encode_base64(bytes);
}

}  // namespace

ReportWriter::ReportWriter(const std::filesystem::path& file, const RunFacts& run,
                           const std::vector<std::string>& prompts)
    : file_(file), colors_(palette(prompts)) {
  const std::string title = "ldznet: masks by " + run.model_name + " " + run.model_version + ", " + run.method;
  std::string start = kReportStart + escaped(title) + "</title>\n<header>\n<h1>" + escaped(title) + " <small>from " +
                      three_decimals(run.threshold) + " on</small></h1>\n" + kReportControls;
  for (std::size_t k = 0; k < prompts.size(); ++k)
    start += box(attribute("data-prompt", std::to_string(k)), colors_[k], prompts[k]) + "\n";
  file_.write(start + "</form>\n</header>\n<main>\n");
}

void ReportWriter::add(const PictureFacts& picture, const Image* image) { file_.write(article(picture, image)); }

std::string ReportWriter::article(const PictureFacts& picture, const Image* image) const {
  std::string html = "<article" + attribute("data-name", picture.image) + ">\n<h2>" + escaped(picture.image);
  if (picture.width > 0)
    html += " <small>" + std::to_string(picture.width) + " × " + std::to_string(picture.height) + "</small>";
  html += "</h2>\n";
  if (picture.error) return html + "<p class=\"error\">" + escaped(message(*picture.error)) + "</p>\n</article>\n";

  const ThumbnailSize size = thumbnail_size(picture.width, picture.height, kSide);
  std::string masks, list;
  for (std::size_t k = 0; k < picture.results.size(); ++k) {
    const ResultFacts& result = picture.results[k];
    const std::string number = attribute("data-prompt", std::to_string(k));
    list += "<li" + number + attribute("data-text", result.prompt) +
            attribute("data-score", std::to_string(result.score)) +
            attribute("data-area", std::to_string(result.area)) + ">" + box("", colors_[k], result.prompt);
    if (result.area == 0) {
      list += " <span class=\"empty\">not found</span></li>\n";
      continue;
    }
    list += " <small>" + three_decimals(result.score) + ", " + std::to_string(result.area) + " pixels</small></li>\n";
    const Mask mask = decode_rle(result.counts, picture.width, picture.height);
    masks += "<img class=\"mask\" alt=\"\"" + number +
             attribute("src", data_uri("png", thumbnail_png(mask, colors_[k], size))) + ">\n";
  }
  html += "<div class=\"picture\">";
  if (image != nullptr)
    html += "<img" + attribute("alt", picture.image) + attribute("width", std::to_string(size.width)) +
            attribute("height", std::to_string(size.height)) +
            attribute("src", data_uri("jpeg", thumbnail_jpeg(*image, size))) + ">\n";
  return html + masks + "</div>\n<ul>\n" + list + "</ul>\n</article>\n";
}

void ReportWriter::finish() {
  file_.write(kReportEnd);
  file_.commit();
}

}  // namespace ldznet
