#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "image/mask_picture.h"
#include "ldznet/mask.h"

namespace ldznet {

/// A polygon's corners x0, y0, x1, y1, ... in pixels.
using Outline = std::vector<double>;

/// COCO's compressed run lengths and the size of their mask in pixels.
struct RunLengths {
  int width = 0, height = 0;
  std::string counts;
};

/// The source of a sample's ground truth: a picture (pixels that are not black are inside, see MaskReader; with lossy
/// compression those from half of white on), run lengths, or the union of polygons. Without any polygon the object is
/// absent.
using Truth = std::variant<std::filesystem::path, RunLengths, std::vector<Outline>>;

/// One phrase and its ground truth in one image.
struct Sample {
  std::string id;  ///< names the files of its predictions
  std::filesystem::path image;
  std::string phrase;
  Truth truth;
  std::map<std::string, std::string> tags = {};  ///< the other string members of its line in the manifest
};

/// A labelled data set.
struct Dataset {
  std::string name;             ///< "PhraseCut", or the folder's name
  std::vector<Sample> samples;  ///< grouped by image
  bool phrasecut = false;
  std::size_t left_out = 0;  ///< samples skipped because their image's size disagrees with the annotations (PhraseCut)
};

/// Reads a folder with `manifest.jsonl` or one in PhraseCut's layout (`refer_<split>.json`). `split` applies to
/// PhraseCut only; empty means test, or val where there is no test. A `limit` other than 0 keeps the first samples
/// only. Opens no picture. Throws Error(missing_input) when the folder is neither, and Error(bad_image), which names
/// file and line, when its content is invalid.
Dataset read_dataset(const std::filesystem::path& folder, const std::string& split = "", std::size_t limit = 0);

/// The samples of one image.
using ImageSamples = std::vector<const Sample*>;

/// The samples of each image, in the data set's order.
std::vector<ImageSamples> by_image(const Dataset& dataset);

/// "the mask m.png has 6 x 4 pixels and its image a.jpg has 150 x 100 pixels"; a mask that is not a picture is called
/// "the mask of sample 7".
std::string size_difference(const Sample& sample, const Mask& mask, int image_width, int image_height);

/// Loads the ground truth. Polygons are drawn at the image's size; other masks keep their own. Throws
/// Error(missing_input) and Error(bad_image), the latter also for a mask whose shape is not the image's.
Mask ground_truth(const Sample& sample, int image_width, int image_height, MaskReader& reader);

}  // namespace ldznet
