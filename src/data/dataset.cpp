#include "data/dataset.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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

/// The steps that filling an outline takes: OpenCV sorts the edges that cross a row of pixels anew in each row, in time
/// that grows with their square, and writes the pixels between them.
double steps_to_fill(const Outline& outline, int width, int height) {
  const std::size_t corners = outline.size() / 2;
  if (corners == 0) return 0;
  const auto row = [&](std::size_t corner) {
    return static_cast<std::size_t>(std::clamp(outline[2 * (corner % corners) + 1], 0.0, static_cast<double>(height)));
  };
  double left = width, right = 0;
  std::size_t top = row(0), bottom = top;
  for (std::size_t i = 0; i < corners; ++i) {
    const double x = std::clamp(outline[2 * i], 0.0, static_cast<double>(width));
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, row(i));
    bottom = std::max(bottom, row(i));
  }
  std::vector<double> change(bottom - top + 1);  // by row: edges that begin, less those that end
  for (std::size_t i = 0; i < corners; ++i) {
    const auto [first, last] = std::minmax({row(i), row(i + 1)});
    change[first - top] += 1;
    change[last - top] -= 1;
  }
  double crossing = 0, steps = 0;
  for (const double difference : change) {
    crossing += difference;
    steps += crossing * crossing + right - left;
  }
  return steps;
}

/// The mask itself. Throws Error(bad_image) when it does not have the image's shape, up to a pixel of the smaller of
/// the two: then it belongs to another image, or to this one in another orientation.
Mask of_image_shape(Mask mask, const Sample& sample, int width, int height) {
  const std::int64_t across = std::int64_t{mask.width} * height, down = std::int64_t{mask.height} * width;
  if (std::abs(across - down) > std::max({width, height, mask.width, mask.height}))
    throw Error(ErrorCode::bad_image, size_difference(sample, mask, width, height),
                "Both must have the same shape; an image with EXIF orientation counts as it is shown.");
  return mask;
}

/// Throws Error(bad_image) for outlines that would take minutes to fill. A region's own outlines never do.
void check_effort(const Sample& sample, int width, int height) {
  constexpr double kMostSteps = 4e9;  // some seconds
  double steps = 0;
  for (const Outline& outline : std::get<std::vector<Outline>>(sample.truth))
    steps += steps_to_fill(outline, width, height);
  if (steps > kMostSteps)
    throw Error(ErrorCode::bad_image,
                "sample " + sample.id + ": its polygons are too many, or cross themselves too often",
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

std::string size_difference(const Sample& sample, const Mask& mask, int image_width, int image_height) {
  const auto has = [](int width, int height) {
    return " has " + std::to_string(width) + " x " + std::to_string(height) + " pixels";
  };
  const auto* picture = std::get_if<fs::path>(&sample.truth);
  const std::string name = picture != nullptr ? picture->string() : "of sample " + sample.id;
  return "the mask " + name + has(mask.width, mask.height) + " and its image " + sample.image.string() +
         has(image_width, image_height);
}

Mask ground_truth(const Sample& sample, int image_width, int image_height, MaskReader& reader) {
  if (const auto* picture = std::get_if<fs::path>(&sample.truth)) {
    const auto [gray, is_exact, least] = reader.read(*picture);
    Mask mask{gray.width, gray.height, std::vector<std::uint8_t>(gray.values.size())};
    std::transform(
        gray.values.begin(), gray.values.end(), mask.pixels.begin(),
        [lowest = is_exact ? 0.0F : kHalf](float value) { return static_cast<std::uint8_t>(value > lowest); });
    return of_image_shape(std::move(mask), sample, image_width, image_height);
  }
  if (const auto* runs = std::get_if<RunLengths>(&sample.truth))
    return of_image_shape(decode_rle(runs->counts, runs->width, runs->height), sample, image_width, image_height);
  check_effort(sample, image_width, image_height);
  return fill_outlines(std::get<std::vector<Outline>>(sample.truth), image_width, image_height);
}

}  // namespace ldznet
