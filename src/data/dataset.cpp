#include "data/dataset.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "data/manifest_lines.h"
#include "data/phrasecut.h"
#include "image/gray.h"
#include "ldznet/error.h"
#include "mask/polygons.h"
#include "mask/rle.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

/// Brings the samples of one image together, images in the order in which they first appear.
void group_by_image(std::vector<Sample>& samples) {
  std::map<fs::path, std::size_t> first;
  for (const Sample& sample : samples) first.emplace(sample.image, first.size());
  std::stable_sort(samples.begin(), samples.end(),
                   [&](const Sample& a, const Sample& b) { return first.at(a.image) < first.at(b.image); });
}

/// Files of predictions are named by id: each may be there once, and none may leave the folder.
void check_ids(const fs::path& folder, const std::vector<Sample>& samples) {
  std::set<std::string> seen;
  for (const Sample& sample : samples) {
    if (sample.id.empty() || sample.id.find_first_of(std::string("/\0", 2)) != std::string::npos || sample.id == "." ||
        sample.id == "..")
      throw Error(ErrorCode::bad_image, folder.string() + ": the id \"" + sample.id + "\" cannot name a file",
                  "Give the sample another id.");
    if (!seen.insert(sample.id).second)
      throw Error(ErrorCode::bad_image, folder.string() + ": the id \"" + sample.id + "\" is there twice",
                  "Give every sample an id of its own, or none.");
  }
}

}  // namespace

Dataset read_dataset(const fs::path& folder, const std::string& split, std::size_t limit) {
  Dataset dataset;
  if (fs::is_regular_file(folder / "manifest.jsonl")) {
    dataset.name = fs::absolute(folder).lexically_normal().filename().string();
    if (dataset.name.empty()) dataset.name = fs::absolute(folder).lexically_normal().parent_path().filename().string();
    dataset.samples = read_manifest_lines(folder);
  } else if (const fs::path tasks = phrasecut_tasks(folder, split); !tasks.empty()) {
    dataset.name = "PhraseCut";
    dataset.phrasecut = true;
    dataset.samples = read_phrasecut(folder, tasks, dataset.left_out);
  } else {
    throw Error(ErrorCode::missing_input,
                folder.string() + " is no data set: neither manifest.jsonl nor " +
                    (split.empty() ? std::string("refer_test.json") : "refer_" + split + ".json") + " is in it",
                "ldznet eval --help says how a data set looks.");
  }
  if (dataset.samples.empty()) throw Error(ErrorCode::bad_image, folder.string() + " holds no sample");
  check_ids(folder, dataset.samples);
  if (limit > 0 && limit < dataset.samples.size())
    dataset.samples.erase(dataset.samples.begin() + static_cast<std::ptrdiff_t>(limit), dataset.samples.end());
  group_by_image(dataset.samples);
  return dataset;
}

std::vector<Samples> by_image(const Dataset& dataset) {
  std::vector<Samples> images;
  for (const Sample& sample : dataset.samples) {
    if (images.empty() || images.back().front()->image != sample.image) images.emplace_back();
    images.back().push_back(&sample);
  }
  return images;
}

Mask ground_truth(const Sample& sample, int image_width, int image_height) {
  if (const auto* picture = std::get_if<fs::path>(&sample.truth)) {
    const Probability gray = read_gray(*picture);
    Mask mask{gray.width, gray.height, std::vector<std::uint8_t>(gray.values.size())};
    std::transform(gray.values.begin(), gray.values.end(), mask.pixels.begin(),
                   [](float value) { return static_cast<std::uint8_t>(value > 0); });
    return mask;
  }
  if (const auto* runs = std::get_if<RunLengths>(&sample.truth))
    return decode_rle(runs->counts, runs->width, runs->height);
  return fill_outlines(std::get<std::vector<Outline>>(sample.truth), image_width, image_height);
}

}  // namespace ldznet
