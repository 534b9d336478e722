#pragma once

#include <string>

namespace ldznet::cli {

/// The text that `ldznet --generate WHAT` prints: the man page ("man"), or the completions for a shell ("bash", "zsh",
/// "fish"). All are made from the options' tables, like the help. Throws Error(usage) for anything else.
std::string generate(const std::string& what);

}  // namespace ldznet::cli
