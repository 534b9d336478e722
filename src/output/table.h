#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ldznet {

/// What one line of the plain output says about one mask.
struct Row {
  std::string image, prompt;
  double score = 0;       ///< mean probability inside the mask
  std::int64_t area = 0;  ///< pixels
  std::string file;       ///< the mask's, else the first kind's that was saved; empty: none
};

/// A field as it may stand in a line: line feeds, tabs, other control characters and backslashes are escaped as in C
/// (\n, \t, \x1b, \\), so that it neither breaks the line nor moves a terminal's cursor.
std::string field(std::string_view text);

/// Columns a text takes on a terminal: two for East Asian letters and emoji, none for combining marks.
std::size_t display_width(std::string_view text);

/// "1 mask", "2 masks".
std::string counted(std::size_t count, const std::string& word);

/// image, prompt, score, area and file with tabs between them and a line feed.
std::string tsv_line(const Row& row);

/// The same for a person: columns of even width under a title. The widths must be known ahead, since rows are printed
/// as they come.
class AlignedTable {
 public:
  explicit AlignedTable(bool color) : color_(color) {}

  /// Makes the columns wide enough for such a row.
  void make_room(const std::string& image, const std::string& prompt);

  std::string title() const;
  std::string line(const Row& row) const;

 private:
  std::string columns(const std::array<std::string, 5>& cells) const;

  bool color_;
  std::size_t image_ = 5, prompt_ = 6;  ///< widths; at least their titles'
};

}  // namespace ldznet
