#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// A mask over a report's picture, and the line that tells of it.
struct ReportLayer {
  std::size_t box = 0;  ///< which of the page's boxes switches it
  std::string text;     ///< beside its own box; what the filter by words looks at
  std::string note;     ///< behind the text
  double score = 0;     ///< what the filter by score looks at
  std::int64_t area = 0;
  std::optional<Mask> mask;  ///< unset: nothing to show
};

/// A picture of a report with its layers, or what went wrong with it.
struct ReportArticle {
  std::string name;              ///< what the filter by words looks at
  int width = 0, height = 0;     ///< of the picture, pixels; 0: unknown
  const Image* image = nullptr;  ///< null: not there to be shown
  std::string error;             ///< not empty: in place of the picture
  std::vector<ReportLayer> layers;
};

/// An HTML page of pictures with masks to switch and filters, which needs no other file and no network. Whatever a text
/// holds, it means itself. Articles are written as they come, so that no more than one is in memory.
class ReportPage {
 public:
  /// `boxes`: what the page's switches are called; each has a colour, its masks', and the same from page to page.
  /// Throws Error(cannot_write).
  ReportPage(const std::filesystem::path& file, const std::string& title, const std::string& subtitle,
             const std::vector<std::string>& boxes);

  /// A heading over the articles that follow. Throws Error(cannot_write).
  void section(const std::string& heading);

  /// Text as it is, letter under letter. Throws Error(cannot_write).
  void preformatted(const std::string& text);

  /// An article as HTML, for `add`; pictures and masks are made small here.
  std::string article(const ReportArticle& content) const;

  /// Throws Error(cannot_write).
  void add(const std::string& article) { file_.write(article); }

  /// Ends the page, which appears now. Throws Error(cannot_write).
  void finish();

 private:
  AtomicFile file_;
  std::vector<Color> colors_;  ///< by box
};

}  // namespace ldznet
