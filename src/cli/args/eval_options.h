#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"
#include "cli/args/option_setters.h"

namespace ldznet::cli {

/// Contents of saved predictions: black and white at threshold 0.5, or probabilities in 16 bits.
constexpr const char *kSaveMask = "mask", *kSaveProbability = "probability";

/// The options of `ldznet eval`.
struct EvalCommand {
  std::vector<std::string> dataset;  ///< the folder
  std::string split;                 ///< of PhraseCut; empty: test, else val
  std::vector<std::string> by;       ///< members of the lines in manifest.jsonl; each of their values gets its own rows
  int limit = 0;                     ///< samples; 0: all
  Shard shard;                       ///< the part of the pictures that this run evaluates

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships
  LoadOptions load{.remember =
                       true};  ///< one row per method; none: the bundle's best, or no row when there are `predictions`
  EncodeOptions encode;
  std::uint64_t max_pixels = kMostPixels;  ///< pictures with more are refused
  SegmentOptions segment;

  std::vector<std::string> predictions;            ///< folders of other systems' pictures, one row each: [NAME=]DIR
  std::string save_predictions;                    ///< folder for our own; empty: none
  std::string save_as;                             ///< kSaveMask or kSaveProbability; empty: depends on the data set
  std::optional<std::string> json, csv, markdown;  ///< files, or "-" for stdout instead of the table
  std::string report;                              ///< HTML page of the worst and best samples; empty: none
  bool overwrite = false;

  LogOptions log;
  bool no_progress = false;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser eval_parser(EvalCommand& command);

/// Checks what involves more than one option. Throws Error(usage).
void check(const EvalCommand& command);

}  // namespace ldznet::cli
