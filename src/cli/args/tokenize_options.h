#pragma once

#include <string>
#include <vector>

#include "cli/args/common_options.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// `ldznet tokenize`.
struct TokenizeCommand {
  std::vector<std::string> text;  ///< one prompt, or "-" for prompts on stdin
  std::string model;              ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  bool trust_unverified = false;  ///< read a vocabulary that differs from the manifest
  LogOptions log;
};

/// The options as a command line writes them. The flags hold references into `command`.
OptionParser tokenize_parser(TokenizeCommand& command);

/// What no option can see alone. Throws Error(usage).
void check(const TokenizeCommand& command);

}  // namespace ldznet::cli
