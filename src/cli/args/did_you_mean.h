#pragma once

#include <string>
#include <vector>

namespace ldznet::cli {

/// The word that was most likely meant, or "" when none is near: one that begins with what was typed, else one that a
/// few slips of the keyboard away (a third of its letters at most).
std::string nearest(const std::string& typed, const std::vector<std::string>& known);

}  // namespace ldznet::cli
