#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/text.h"
#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "output/report/thumbnail.h"

namespace ldznet {

/// A mask on a picture of the page and its line in the list below the picture.
struct ReportLayer {
  std::size_t number = 0;  ///< of the page's switch that shows and hides it
  std::string text;        ///< the line's label; searched by the page's text filter
  std::string note;        ///< follows the label
  double score = 0;        ///< compared by the page's score filter
  std::int64_t area = 0;
  std::string mask_png;         ///< from ReportPage::mask_png; empty: nothing to show
  std::string probability_png;  ///< from `probability_thumbnail`, for the threshold's slider; empty: none
  std::string comparison;       ///< what another run has; empty: nothing is compared
  std::string iou;              ///< with the other run's mask; "same": both are empty; "none": nothing to compare with
  std::string other_png;        ///< the other run's mask, from ReportPage::mask_png; empty: nothing to show
  std::string difference_png;   ///< from `difference_thumbnail`; empty: nothing to show
};

/// A picture of the page with its layers, or with the error that it caused.
struct ReportArticle {
  std::string name;              ///< searched by the page's text filter
  int width = 0, height = 0;     ///< of the picture, pixels; 0: unknown
  const Image* image = nullptr;  ///< null: no picture is shown
  std::string error;             ///< if not empty, shown instead of picture and layers
  std::string note;              ///< shown below the name
  std::vector<ReportLayer> layers;
};

/// What a page has beside its articles.
struct ReportHeader {
  std::string title, subtitle;
  std::vector<std::string> switches;  ///< names; the colour of a switch and its masks follows from its name (`palette`)
  std::string other_run = "";         ///< name of the run that is compared; empty: none
  std::optional<double> threshold = std::nullopt;  ///< where the slider starts; unset: no layer has probabilities
};

/// A self-contained HTML page of pictures with masks that can be switched on and off, and with filters. All text is
/// escaped. Articles are written as they come; none is kept in memory.
class ReportPage {
 public:
  /// Throws Error(cannot_write).
  ReportPage(const std::filesystem::path& file, const ReportHeader& header);

  /// Writes a heading for the articles that follow. Throws Error(cannot_write).
  void section(const std::string& heading);

  /// Writes a table. Throws Error(cannot_write).
  void table(const TextTable& rows);

  /// Writes a list that opens when its heading is clicked. Throws Error(cannot_write).
  void list(const std::string& heading, const std::vector<std::string>& items);

  /// The size of the thumbnails of a picture of this size.
  static ThumbnailSize thumbnail(int width, int height);

  /// Makes the thumbnail of a mask for ReportLayer, in the colour of switch `number`, for a picture of this size.
  std::string mask_png(std::size_t number, const Mask& mask, int width, int height) const;

  /// Makes the HTML of an article, with a thumbnail of the picture, for `add`.
  std::string article(const ReportArticle& content) const;

  /// Writes an article. Throws Error(cannot_write).
  void add(const std::string& article);

  /// Completes the file and logs its size. Throws Error(cannot_write).
  void finish();

 private:
  void write(const std::string& html);

  std::filesystem::path path_;
  AtomicFile file_;
  std::size_t articles_ = 0, bytes_ = 0;  ///< written
  bool compares_;                         ///< with another run
  std::vector<Color> colors_;             ///< by switch
};

}  // namespace ldznet
