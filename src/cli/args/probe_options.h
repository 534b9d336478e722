#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// `ldznet probe`: its options, one member a flag.
struct ProbeCommand {
  std::vector<std::string> dataset;   ///< the folder
  std::string split;                  ///< PhraseCut's; empty: test, else val
  int limit = 0;                      ///< samples; 0: all
  std::vector<int> timesteps;         ///< empty: kProbeTimesteps spread over the noise schedule
  std::optional<double> train_share;  ///< of the images, for fitting; unset: 0.5

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  LoadOptions load;
  EncodeOptions encode;
  FeatureOptions features;                       ///< for each of `timesteps`; without `names`, all blocks
  int batch_size = SegmentOptions().batch_size;  ///< accepted as by other commands; here one prompt makes a pass

  std::string output;               ///< folder or a .png file
  std::optional<std::string> json;  ///< file, or "-" for stdout in place of the table
  bool overwrite = false;
  LogOptions log;
  bool no_progress = false;
};

constexpr int kProbeTimesteps = 10;

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser probe_parser(ProbeCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const ProbeCommand& command);

}  // namespace ldznet::cli
