#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "ldznet/polygons.h"

namespace ldznet {

/// What was found for one prompt, as outlines: tools that take polygons know no holes.
struct OutlinedMask {
  std::size_t prompt = 0;  ///< its place among the run's, from 0
  double score = 0;
  std::vector<Polygon> outlines;
};

/// A picture as tools for labelling and training take it.
struct OutlinedPicture {
  std::string image;          ///< as the user named it
  int width = 0, height = 0;  ///< pixels, upright
  std::vector<OutlinedMask> masks;
};

/// Ultralytics' segmentation labels: a line a region, the prompt's place and the outline's corners, 0 to 1 of width and
/// height. Nothing at all says that the picture holds none of it.
std::string yolo_text(const OutlinedPicture& picture);

/// The names of the places, as a data set's YAML file holds them.
std::string yolo_names(const std::vector<std::string>& prompts);

/// LabelMe's file of a picture, to be written to `file`: the regions of one prompt are one group.
std::string labelme_json(const OutlinedPicture& picture, const std::vector<std::string>& prompts,
                         const std::filesystem::path& file);

}  // namespace ldznet
