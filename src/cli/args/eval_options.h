#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"
#include "cli/args/shard.h"

namespace ldznet::cli {

/// What saved predictions hold: black and white at 0.5, or 16 bits of probability.
constexpr const char *kSaveMask = "mask", *kSaveProbability = "probability";

/// `ldznet eval`: its options, one member a flag.
struct EvalCommand {
  std::vector<std::string> dataset;  ///< the folder
  std::string split;                 ///< PhraseCut's; empty: test, else val
  std::vector<std::string> by;       ///< members of the manifest's lines, each of whose values gets rows; empty: none
  int limit = 0;                     ///< samples; 0: all
  Shard shard;                       ///< the part of the pictures that this run evaluates

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  LoadOptions load;   ///< each of `methods` is a row; empty: the bundle's best, or none when there are `predictions`
  EncodeOptions encode;
  SegmentOptions segment;

  std::vector<std::string> predictions;            ///< folders of other systems' pictures, each a row: [NAME=]DIR
  std::string save_predictions;                    ///< a folder for ours; empty: none
  std::string save_as;                             ///< kSaveMask or kSaveProbability; empty: by the data set
  std::optional<std::string> json, csv, markdown;  ///< files, or "-" for stdout in place of the table
  std::string report;                              ///< an HTML page of the worst and the best; empty: none
  bool overwrite = false;

  LogOptions log;
  bool no_progress = false;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser eval_parser(EvalCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const EvalCommand& command);

}  // namespace ldznet::cli
