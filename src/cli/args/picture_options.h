#pragma once

#include <string>

#include "cli/args/option_parser.h"
#include "cli/args/segment_options.h"

namespace ldznet::cli {

/// What the help of --output and --save says.
struct OutputHelp {
  std::string output;          ///< what --output may be
  std::string default_output;  ///< default text of --output
  std::string default_save;    ///< default text of --save
};

/// Adds the options about a single picture, which a worker's request can also set.
void add_picture_options(OptionParser& parser, SegmentCommand& command, const OutputHelp& help = {});

}  // namespace ldznet::cli
