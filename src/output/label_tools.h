#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "ldznet/polygons.h"

namespace ldznet {

/// A result's mask as outlines, without holes: label tools' polygons have none.
struct OutlinedMask {
  std::size_t prompt = 0;  ///< index among the run's prompts
  std::size_t group = 0;   ///< number of the result: what belongs together
  double score = 0;
  std::vector<Polygon> outlines;  ///< simplified
};

/// A picture for tools for labelling and training.
struct OutlinedPicture {
  std::string image;           ///< as the user named it
  std::filesystem::path file;  ///< from which it was read; empty: none
  int width = 0, height = 0;   ///< pixels, upright
  std::vector<OutlinedMask> masks;
};

/// Regions with fewer pixels, holes counted, are specks: label files leave them out unless --min-area says otherwise.
constexpr int kSmallestRegion = 16;

/// The outlines of at least kSmallestRegion pixels.
std::vector<Polygon> without_specks(std::vector<Polygon> outlines);

/// The LabelMe file of a picture, to be written to `file`. The regions of a result form a group.
std::string labelme_json(const OutlinedPicture& picture, const std::vector<std::string>& prompts,
                         const std::filesystem::path& file);

}  // namespace ldznet
