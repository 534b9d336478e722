#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// `ldznet features`: its options, one member a flag.
struct FeaturesCommand {
  std::vector<std::string> image;  ///< one picture
  std::string prompt;              ///< what the UNet reads; empty: the empty prompt
  int clusters = 6;
  std::vector<std::string> taps;  ///< UNet blocks; empty: the bundle's taps
  std::vector<int> timesteps;     ///< empty: the bundle's

  ModelOptions model;
  SamplingOptions sampling;  ///< size and seed only

  std::string output;  ///< folder or a .png file
  bool overwrite = false;
  std::string config;
  LogOptions log;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser features_parser(FeaturesCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const FeaturesCommand& command);

}  // namespace ldznet::cli
