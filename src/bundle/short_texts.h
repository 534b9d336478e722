#pragma once

#include <string>
#include <vector>

namespace ldznet {

/// The text of a module of a TorchScript archive, such as "__torch__.torch.nn.functional", in which functions of
/// PyTorch that check their arguments at length have short bodies: interpolate calls ldznet::interpolate, and
/// group_norm only torch.group_norm. They are recognized by name, parameters and default values. A network calls
/// group_norm dozens of times, and each call is a copy of the function; interpolate has 19,000 characters.
std::string with_short_functions(const std::string& module, std::string text);

/// The text without those methods of `class_name` that are neither in `wanted` nor called by a method that stays.
/// Methods whose names start with "__" stay.
std::string without_other_methods(const std::string& text, const std::string& class_name,
                                  const std::vector<std::string>& wanted);

}  // namespace ldznet
