#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "cli/args/segment_options.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "draw/draw.h"
#include "ldznet/image.h"
#include "output/names.h"
#include "output/plan.h"
#include "output/png.h"
#include "output/standard_output.h"
#include "output/table.h"
#include "probe/clusters.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// The picture's file of clusters: `output` itself when it is a .png file, else a file in that folder.
fs::path drawing_file(const FeaturesCommand& command) {
  fs::path output = command.output.empty() ? fs::path(kDefaultOutput) : fs::path(command.output);
  if (is_one_file(output)) return output;
  return output / fitted_name(safe_path(fs::path(command.image[0]).filename().string()), ".features.png");
}

/// The working size for a picture with margins, so that what is inside gets what the picture would get alone.
int framed_size(const FeaturesCommand& command, const Manifest& manifest) {
  const double size = command.encode.size > 0 ? command.encode.size : std::sqrt(manifest.image_area);
  return std::min(kLargestSize, static_cast<int>(std::lround(size * (1 + 2 * kMirrorMargin))));
}

/// The chosen blocks' features at every chosen timestep.
std::vector<Feature> features_of(const FeaturesCommand& command, const Pipeline& pipeline, const Image& framed) {
  const EncodedImage encoded = pipeline.encode(framed, {framed_size(command, pipeline.manifest())});
  FeatureOptions options = command.features;
  if (command.timesteps.empty()) return pipeline.features(encoded, options);
  std::vector<Feature> features;
  for (const int timestep : command.timesteps) {
    options.timestep = timestep;
    for (Feature& feature : pipeline.features(encoded, options)) features.push_back(std::move(feature));
  }
  return features;
}

/// A colour for every cluster, none twice.
std::vector<Color> colors_of(int clusters) {
  std::vector<std::string> names;
  for (int k = 1; k <= clusters; ++k) names.push_back(std::to_string(k));
  return palette(names);
}

}  // namespace

int run(const FeaturesCommand& command) {
  const fs::path file = drawing_file(command);
  check_not_existing(file, command.overwrite);
  check_writable(file.parent_path());
  const Image image = read_image(command.image[0]);
  const Pipeline pipeline = load_pipeline(command.model, command.load, "ldznet");
  const auto [framed, inside] = mirror_edges(image);
  const LabelMap map =
      cluster(features_of(command, pipeline, framed), command.clusters, framed.width, framed.height, inside);
  write_file(file, encode_png(side_by_side(image, draw_map(map, colors_of(command.clusters)))));
  write_stdout(field(file.string()) + "\n");
  return 0;
}

}  // namespace ldznet::cli
