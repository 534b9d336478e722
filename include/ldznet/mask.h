// Masks: from a probability map to the pixels that belong to a prompt, with their box and score.
//
//     const std::vector<std::string> prompts = {"panda"};
//     std::vector<ldznet::Probability> maps = pipeline.segment(encoded, prompts);
//     const ldznet::FoundMask panda = ldznet::find_mask(std::move(maps[0]), {.threshold = 0.4, .min_area = 50});
//     std::cout << panda.measures.area << " pixels, score " << panda.measures.score << "\n";
//
// regions.h cleans masks up, rle.h and polygons.h convert them to COCO's formats.
#pragma once

#include <cstdint>
#include <vector>

namespace ldznet {

/// The probability of the prompt at every pixel of the upright image, 0 to 1.
struct Probability {
  int width = 0;
  int height = 0;
  std::vector<float> values;  ///< H * W, rows from the top
};

/// A binary mask: 1 inside, 0 outside.
struct Mask {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< H * W, rows from the top, each 0 or 1
};

/// A box in pixels: left column, top row, and the number of columns and rows. All 0 for an empty mask.
struct Box {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

/// Measurements of a mask.
struct MaskMeasures {
  double score = 0;            ///< mean probability inside the mask; 0 when it is empty
  double max_probability = 0;  ///< of the whole picture
  std::int64_t area = 0;       ///< pixels inside
  Box box;                     ///< the smallest box around all of them
};

/// How a probability map becomes a mask.
struct MaskOptions {
  double threshold = 0.5;   ///< minimum probability of a pixel inside; Manifest::threshold is the bundle's own
  int min_area = 0;         ///< pixels; smaller regions are dropped
  bool fill_holes = false;  ///< fill the holes that a region encloses
  bool largest = false;     ///< keep only the largest region
  bool invert = false;      ///< after all of this, swap inside and outside, with 1 - p as the probabilities
};

/// A prompt's mask with the probability map it was made from.
struct FoundMask {
  Probability probability;
  Mask mask;
  MaskMeasures measures;
};

/// Applies the threshold, cleans up the mask's regions and measures it.
FoundMask find_mask(Probability probability, const MaskOptions& options = {});

/// The pixels whose probability is at least `threshold`, compared in float32 as PyTorch and NumPy do.
Mask apply_threshold(const Probability& probability, double threshold);

/// Measures a mask against the probabilities it came from; both have the same size.
MaskMeasures measure(const Probability& probability, const Mask& mask);

/// Resizes a map: bilinear with half-pixel centres, without antialiasing.
Probability resize(const Probability& probability, int width, int height);

}  // namespace ldznet
