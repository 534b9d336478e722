#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// `ldznet features`: its options, one member a flag.
struct FeaturesCommand {
  std::vector<std::string> image;  ///< one picture
  int clusters = 6;
  std::vector<int> timesteps;  ///< empty: the bundle's

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  LoadOptions load;
  EncodeOptions encode;
  FeatureOptions features;                       ///< for each of `timesteps`
  int batch_size = SegmentOptions().batch_size;  ///< accepted as by other commands; here one prompt makes a pass

  std::string output;  ///< folder or a .png file
  bool overwrite = false;
  LogOptions log;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser features_parser(FeaturesCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const FeaturesCommand& command);

}  // namespace ldznet::cli
