#include "data/dataset.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "base/paths.h"
#include "data/dataset_manifest.h"
#include "data/phrasecut.h"
#include "ldznet/error.h"
#include "ldznet/polygons.h"
#include "ldznet/rle.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr float kHalf = 0.5F;  // of white: from here on, pixels of a lossy mask are inside

/// Groups the samples by image. Images keep the order in which they first appear.
void group_by_image(std::vector<Sample>& samples) {
  std::map<fs::path, std::size_t> first;
  for (const Sample& sample : samples) first.emplace(sample.image, first.size());
  std::stable_sort(samples.begin(), samples.end(),
                   [&](const Sample& a, const Sample& b) { return first.at(a.image) < first.at(b.image); });
}

/// Ids name the files of predictions, so they must be unique and must not lead out of the folder.
void check_ids(const fs::path& folder, const std::vector<Sample>& samples) {
  std::set<std::string> seen;
  for (const Sample& sample : samples) {
    if (sample.id.empty() || sample.id.find_first_of(std::string("/\0", 2)) != std::string::npos || sample.id == "." ||
        sample.id == "..")
      throw Error(ErrorCode::bad_image, folder.string() + ": the id \"" + sample.id + "\" is not usable as a file name",
                  "Give the sample another id.");
    if (!seen.insert(sample.id).second)
      throw Error(ErrorCode::bad_image, folder.string() + ": the id \"" + sample.id + "\" occurs twice",
                  "Ids must be unique; a sample without one gets its line number.");
  }
}

/// Throws Error(bad_image) for outlines that would take minutes to fill, because hundreds of times more edges cross a
/// row of pixels than any region's outline has. OpenCV sorts the edges of a row anew in each row.
void check_crossings(const Sample& sample, int height) {
  constexpr double kMostWork = 4e9;  // pairs of edges that cross the same row, over all rows: some seconds
  double work = 0;
  for (const Outline& outline : std::get<std::vector<Outline>>(sample.truth)) {
    const auto row = [&](std::size_t corner) {
      return static_cast<std::size_t>(std::clamp(outline[2 * corner + 1], 0.0, static_cast<double>(height)));
    };
    std::vector<double> edges(static_cast<std::size_t>(height) + 1);  // that begin in each row, less those that end
    const std::size_t corners = outline.size() / 2;
    for (std::size_t i = 0; i < corners; ++i) {
      const auto [first, last] = std::minmax({row(i), row((i + 1) % corners)});
      edges[first] += 1;
      edges[last] -= 1;
    }
    double crossing = 0;
    for (const double change : edges) {
      crossing += change;
      work += crossing * crossing;
    }
  }
  if (work > kMostWork)
    throw Error(ErrorCode::bad_image, "sample " + sample.id + ": its polygons cross themselves too often",
                "Give the mask as run lengths or as a picture.");
}

}  // namespace

Dataset read_dataset(const fs::path& folder, const std::string& split, std::size_t limit) {
  Dataset dataset;
  if (fs::is_regular_file(folder / "manifest.jsonl")) {
    dataset.name = full_path(folder).filename().string();
    dataset.samples = read_dataset_manifest(folder);
  } else if (const fs::path tasks = phrasecut_tasks(folder, split); !tasks.empty()) {
    dataset.name = "PhraseCut";
    dataset.phrasecut = true;
    dataset.samples = read_phrasecut(folder, tasks, dataset.left_out);
  } else {
    throw Error(ErrorCode::missing_input,
                folder.string() + " is not a data set: it contains neither manifest.jsonl nor " +
                    (split.empty() ? std::string("refer_test.json") : "refer_" + split + ".json"));
  }
  if (dataset.samples.empty()) throw Error(ErrorCode::bad_image, folder.string() + " contains no samples");
  check_ids(folder, dataset.samples);
  if (limit > 0 && limit < dataset.samples.size())
    dataset.samples.erase(dataset.samples.begin() + static_cast<std::ptrdiff_t>(limit), dataset.samples.end());
  group_by_image(dataset.samples);
  return dataset;
}

std::vector<ImageSamples> by_image(const Dataset& dataset) {
  std::vector<ImageSamples> images;
  for (const Sample& sample : dataset.samples) {
    if (images.empty() || images.back().front()->image != sample.image) images.emplace_back();
    images.back().push_back(&sample);
  }
  return images;
}

Mask ground_truth(const Sample& sample, int image_width, int image_height, MaskReader& reader) {
  if (const auto* picture = std::get_if<fs::path>(&sample.truth)) {
    const auto [gray, is_exact, least] = reader.read(*picture);
    Mask mask{gray.width, gray.height, std::vector<std::uint8_t>(gray.values.size())};
    std::transform(
        gray.values.begin(), gray.values.end(), mask.pixels.begin(),
        [lowest = is_exact ? 0.0F : kHalf](float value) { return static_cast<std::uint8_t>(value > lowest); });
    return mask;
  }
  if (const auto* runs = std::get_if<RunLengths>(&sample.truth))
    return decode_rle(runs->counts, runs->width, runs->height);
  check_crossings(sample, image_height);
  return fill_outlines(std::get<std::vector<Outline>>(sample.truth), image_width, image_height);
}

}  // namespace ldznet
