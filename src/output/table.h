#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ldznet {

/// A mask's line in the plain output.
struct ResultRow {
  std::string image, prompt;
  double score = 0;                  ///< mean probability inside the mask
  std::int64_t area = 0;             ///< pixels
  std::string file;                  ///< of the mask, else of the first kind that was saved; empty: none
  std::optional<int> instance = {};  ///< its number, 0 if the mask is empty; unset: masks are not split
};

/// Image, prompt, score, area, file and, if set, instance, separated by tabs, with a line feed.
std::string tsv_line(const ResultRow& row);

/// The same in aligned columns under a title. The widths must be known in advance, since rows are printed as they come.
class AlignedTable {
 public:
  /// `instances`: with a column of their numbers.
  explicit AlignedTable(bool color, bool instances = false) : color_(color), instances_(instances) {}

  /// Makes the columns wide enough for these names.
  void make_room(const std::string& image, const std::string& prompt);

  std::string title() const;
  std::string line(const ResultRow& row) const;

 private:
  std::string columns(const std::array<std::string, 6>& cells) const;

  bool color_, instances_;
  std::size_t image_ = 5, prompt_ = 6;  ///< widths, at least those of the titles
};

}  // namespace ldznet
