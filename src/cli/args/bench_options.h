#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// `ldznet bench`: its options, one member a flag.
struct BenchCommand {
  std::vector<std::string> image;  ///< one picture; none: a drawn one
  int prompts = 1;                 ///< for the picture
  int runs = 5;                    ///< after the first

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  LoadOptions load;
  EncodeOptions encode;
  SegmentOptions segment;

  bool json = false;
  LogOptions log;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser bench_parser(BenchCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const BenchCommand& command);

}  // namespace ldznet::cli
