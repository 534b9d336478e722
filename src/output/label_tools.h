#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "ldznet/polygons.h"

namespace ldznet {

/// A prompt's mask as outlines, without holes: label tools' polygons have none.
struct OutlinedMask {
  std::size_t prompt = 0;  ///< index among the run's prompts
  double score = 0;
  std::vector<Polygon> outlines;
};

/// A picture for tools for labelling and training.
struct OutlinedPicture {
  std::string image;          ///< as the user named it
  int width = 0, height = 0;  ///< pixels, upright
  std::vector<OutlinedMask> masks;
};

/// Ultralytics' segmentation labels: one line per region with the prompt's index and the outline's corners as fractions
/// of width and height. An empty text says that the picture shows nothing of the prompts.
std::string yolo_text(const OutlinedPicture& picture);

/// The YAML file of a data set, which names the indices.
std::string yolo_names(const std::vector<std::string>& prompts);

/// The LabelMe file of a picture, to be written to `file`. The regions of a prompt form a group.
std::string labelme_json(const OutlinedPicture& picture, const std::vector<std::string>& prompts,
                         const std::filesystem::path& file);

}  // namespace ldznet
