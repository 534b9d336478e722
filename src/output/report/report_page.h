#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"

namespace ldznet {

/// A mask on a picture of the page and its line in the list below the picture.
struct ReportLayer {
  std::size_t number = 0;  ///< of the page's switch that shows and hides it
  std::string text;        ///< the line's label; searched by the page's text filter
  std::string note;        ///< follows the label
  double score = 0;        ///< compared by the page's score filter
  std::int64_t area = 0;
  std::string mask_png;  ///< from ReportPage::mask_png; empty: nothing to show
};

/// A picture of the page with its layers, or with the error that it caused.
struct ReportArticle {
  std::string name;              ///< searched by the page's text filter
  int width = 0, height = 0;     ///< of the picture, pixels; 0: unknown
  const Image* image = nullptr;  ///< null: no picture is shown
  std::string error;             ///< if not empty, shown instead of picture and layers
  std::vector<ReportLayer> layers;
};

/// A self-contained HTML page of pictures with masks that can be switched on and off, and with filters. All text is
/// escaped. Articles are written as they come; none is kept in memory.
class ReportPage {
 public:
  /// `switches` are the names of the page's switches; the colour of a switch and its masks depends on its name only
  /// (see `palette`). Throws Error(cannot_write).
  ReportPage(const std::filesystem::path& file, const std::string& title, const std::string& subtitle,
             const std::vector<std::string>& switches);

  /// Writes a heading for the articles that follow. Throws Error(cannot_write).
  void section(const std::string& heading);

  /// Writes text in a monospaced font, as it is. Throws Error(cannot_write).
  void preformatted(const std::string& text);

  /// Makes the thumbnail of a mask for ReportLayer, in the colour of switch `number`, for a picture of this size.
  std::string mask_png(std::size_t number, const Mask& mask, int width, int height) const;

  /// Makes the HTML of an article, with a thumbnail of the picture, for `add`.
  std::string article(const ReportArticle& content) const;

  /// Writes an article. Throws Error(cannot_write).
  void add(const std::string& article) { file_.write(article); }

  /// Completes the file. Throws Error(cannot_write).
  void finish();

 private:
  AtomicFile file_;
  std::vector<Color> colors_;  ///< by switch
};

}  // namespace ldznet
