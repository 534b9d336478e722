#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The options of `ldznet bench`.
struct BenchCommand {
  std::vector<std::string> image;  ///< at most one picture; empty: a drawn one
  int prompts = 1;                 ///< for the picture
  int runs = 5;                    ///< after the first run

  std::string model;  ///< the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships
  LoadOptions load{.remember = true};
  EncodeOptions encode;
  SegmentOptions segment;

  bool json = false;
  LogOptions log;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser bench_parser(BenchCommand& command);

}  // namespace ldznet::cli
