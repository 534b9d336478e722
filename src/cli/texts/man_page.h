#pragma once

#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// The manual page ldznet(1), in the macros of man(7).
std::string man_page(const std::vector<CommandHelp>& commands);

}  // namespace ldznet::cli
