#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "ldznet/mask.h"

namespace ldznet {

/// Corners x0, y0, x1, y1, ... in pixels.
using Outline = std::vector<double>;

/// COCO's run lengths with the size they are of.
struct RunLengths {
  int width = 0, height = 0;
  std::string counts;  ///< compressed
};

/// Where a sample's ground truth comes from: a picture (what is not black is inside), run lengths, or the union of
/// polygons; no polygon at all: the object is absent.
using Truth = std::variant<std::filesystem::path, RunLengths, std::vector<Outline>>;

/// One phrase about one image.
struct Sample {
  std::string id;  ///< names its files of predictions
  std::filesystem::path image;
  std::string phrase;
  Truth truth;
  std::map<std::string, std::string> tags = {};  ///< further texts of the manifest's line, by member
};

/// A labelled data set.
struct Dataset {
  std::string name;             ///< "PhraseCut", else the folder's name
  std::vector<Sample> samples;  ///< those of one image stand together
  bool phrasecut = false;
  std::size_t left_out = 0;  ///< samples of images whose size disagrees with their annotations (PhraseCut)
};

/// Reads a folder with `manifest.jsonl` or one in PhraseCut's layout (`refer_<split>.json`); `split` is for the latter,
/// empty: test where it is there, else val. With a `limit` only the first so many samples. No picture is read.
/// Throws Error(missing_input) when it is neither, Error(bad_image) naming file and line when it says something wrong.
Dataset read_dataset(const std::filesystem::path& folder, const std::string& split = "", std::size_t limit = 0);

using Samples = std::vector<const Sample*>;

/// The samples of one image after the other.
std::vector<Samples> by_image(const Dataset& dataset);

/// The ground truth; polygons become a mask of the image's size. Throws Error(missing_input) and Error(bad_image).
Mask ground_truth(const Sample& sample, int image_width, int image_height);

}  // namespace ldznet
