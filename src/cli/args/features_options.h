#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The options of `ldznet features`.
struct FeaturesCommand {
  std::vector<std::string> image;  ///< one picture
  int clusters = 6;
  std::vector<int> timesteps;  ///< empty: the bundle's

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships
  LoadOptions load{.remember = true};
  EncodeOptions encode;
  std::uint64_t max_pixels = kMostPixels;  ///< pictures with more are refused
  FeatureOptions features;                 ///< for each of `timesteps`
  int batch_size =
      SegmentOptions().batch_size;  ///< accepted for consistency; no effect, since each pass has one prompt

  std::string output;  ///< folder or a .png file
  bool overwrite = false;
  LogOptions log;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser features_parser(FeaturesCommand& command);

}  // namespace ldznet::cli
