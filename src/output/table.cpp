#include "output/table.h"

#include <algorithm>
#include <cstdio>

#include "base/decimals.h"
#include "base/printable.h"

namespace ldznet {

namespace {

constexpr std::size_t kInstanceWidth = 8, kScoreWidth = 6, kAreaWidth = 10;
constexpr std::size_t kWidest = 60;  // limit for a column; longer names push the rest of their line to the right
constexpr const char* kBold = "\033[1m";
constexpr const char* kFaint = "\033[2m";
constexpr const char* kPlain = "\033[0m";

std::string score_text(double score) { return decimals(score, 4); }

std::string padded(const std::string& text, std::size_t width, bool right = false) {
  const std::size_t taken = display_width(text);
  const std::string blanks(width > taken ? width - taken : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string tsv_line(const ResultRow& row) {
  return printable(row.image) + "\t" + printable(row.prompt) + "\t" + score_text(row.score) + "\t" +
         std::to_string(row.area) + "\t" + printable(row.file) +
         (row.instance ? "\t" + std::to_string(*row.instance) : "") + "\n";
}

void AlignedTable::make_room(const std::string& image, const std::string& prompt) {
  image_ = std::max(image_, std::min(kWidest, display_width(printable(image))));
  prompt_ = std::max(prompt_, std::min(kWidest, display_width(printable(prompt))));
}

std::string AlignedTable::columns(const std::array<std::string, 6>& cells) const {
  return padded(cells[0], image_) + "  " + padded(cells[1], prompt_) + "  " +
         (instances_ ? padded(cells[2], kInstanceWidth, true) + "  " : "") + padded(cells[3], kScoreWidth, true) +
         "  " + padded(cells[4], kAreaWidth, true) + "  " + cells[5];
}

std::string AlignedTable::title() const {
  const std::string text = columns({"image", "prompt", "instance", "score", "area", "file"});
  return color_ ? kBold + text + kPlain + "\n" : text + "\n";
}

std::string AlignedTable::line(const ResultRow& row) const {
  const std::string text =
      columns({printable(row.image), printable(row.prompt), std::to_string(row.instance.value_or(0)),
               score_text(row.score), std::to_string(row.area), printable(row.file)});
  return color_ && row.area == 0 ? kFaint + text + kPlain + "\n" : text + "\n";
}

}  // namespace ldznet
