#pragma once

#include <string>

#include "ldznet/mask.h"
#include "output/json_lines.h"
#include "output/picture_files.h"

namespace ldznet::cli {

/// What of a probability map counts as the mask.
struct MaskOptions {
  double threshold = 0.5;
  int min_area = 0;         ///< pixels; smaller regions are dropped
  bool fill_holes = false;  ///< what a region encloses is of it
  bool largest = false;     ///< only the largest region is kept
};

/// What is told of a mask beyond its figures.
struct ToldOptions {
  bool counts = false;    ///< COCO's run lengths
  bool boxes = false;     ///< one for every region
  bool polygons = false;  ///< outlines of every region
};

/// Probability -> mask.
Finding find(Probability probability, const MaskOptions& options);

/// What is told of a finding; its files are yet to come.
ResultFacts describe(const std::string& prompt, const Finding& finding, const ToldOptions& options);

}  // namespace ldznet::cli
