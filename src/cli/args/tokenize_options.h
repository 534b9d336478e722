#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The options of `ldznet tokenize`.
struct TokenizeCommand {
  std::vector<std::string> text;  ///< one prompt, or "-" for prompts on stdin
  std::string model;              ///< the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships
  bool trust_unverified = false;  ///< read a vocabulary that differs from the manifest
  LogOptions log;
};

/// The parser that fills `command`. It keeps references to it.
OptionParser tokenize_parser(TokenizeCommand& command);

}  // namespace ldznet::cli
