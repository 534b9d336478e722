#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/files/atomic_file.h"
#include "base/methods.h"
#include "base/printable.h"
#include "cli/commands/result_files.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/process_memory.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "draw/draw.h"
#include "ldznet/image.h"
#include "output/png.h"
#include "probe/clusters.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// The working size for the padded picture at which the picture itself gets as many pixels as it would without padding.
int padded_size(int size, const Manifest& manifest) {
  const double side = size > 0 ? size : std::sqrt(manifest.image_area);
  return std::min(kLargestSize, static_cast<int>(std::lround(side * (1 + 2 * kMirrorMargin))));
}

/// The features of the chosen blocks at every chosen timestep.
std::vector<Feature> features_of(const FeaturesCommand& command, const Pipeline& pipeline, const Image& padded) {
  const auto encode = [&](int size) { return EncodeOptions{padded_size(size, pipeline.manifest())}; };
  const auto needed = [&](int size, int /*batch_size*/) {
    return pipeline.memory_needed(padded.width, padded.height, encode(size));
  };
  require_memory(command.image[0], needed, command.encode.size, 1);
  const EncodedImage encoded = pipeline.encode(padded, encode(command.encode.size));
  FeatureOptions options = command.features;
  if (command.timesteps.empty()) return pipeline.features(encoded, options);
  std::vector<Feature> features;
  for (const int timestep : command.timesteps) {
    options.timestep = timestep;
    for (Feature& feature : pipeline.features(encoded, options)) features.push_back(std::move(feature));
  }
  return features;
}

/// A different colour for every cluster.
std::vector<Color> colors_of(int clusters) {
  std::vector<std::string> names;
  for (int k = 1; k <= clusters; ++k) names.push_back(std::to_string(k));
  return palette(names);
}

}  // namespace

int run(const FeaturesCommand& command) {
  const fs::path file = drawing_file(command.output, fs::path(command.image[0]).filename().string(), ".features.png");
  check_result_file(file, command.overwrite);
  const Image image = read_image(command.image[0], command.max_pixels);
  const Pipeline pipeline = load_pipeline(command.model, command.load, method_with_taps());

  const auto [padded, inside] = mirror_edges(image);
  const LabelMap map =
      cluster(features_of(command, pipeline, padded), command.clusters, padded.width, padded.height, inside);

  write_file(file, encode_png(side_by_side(image, draw_label_map(map, colors_of(command.clusters)))),
             command.overwrite);
  write_stdout(printable(file.string()) + "\n");
  return 0;
}

}  // namespace ldznet::cli
