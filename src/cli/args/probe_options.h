#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The options of `ldznet probe`.
struct ProbeCommand {
  std::vector<std::string> dataset;   ///< the folder
  std::string split;                  ///< of PhraseCut; empty: test, else val
  int limit = 0;                      ///< samples; 0: all
  std::vector<int> timesteps;         ///< empty: kProbeTimesteps spread over the noise schedule
  std::optional<double> train_share;  ///< of the images, to fit the linear probes; unset: 0.5

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships
  LoadOptions load{.remember = true};
  EncodeOptions encode;
  std::uint64_t max_pixels = kMostPixels;  ///< pictures with more are refused
  FeatureOptions features;                 ///< for each of `timesteps`; without `names`, all blocks
  int batch_size =
      SegmentOptions().batch_size;  ///< accepted for consistency; no effect, since each pass has one prompt

  std::string output;               ///< folder or a .png file
  std::optional<std::string> json;  ///< file, or "-" for stdout instead of the table
  bool overwrite = false;
  LogOptions log;
  bool no_progress = false;
};

constexpr int kProbeTimesteps = 10;

/// The parser that fills `command`. It keeps references to it.
OptionParser probe_parser(ProbeCommand& command);

/// Checks what the setters do not. Throws Error(usage).
void check(const ProbeCommand& command);

}  // namespace ldznet::cli
