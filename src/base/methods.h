#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ldznet {

/// A method of the paper and what its head reads: every head reads the prompt's context; RGBNet also the image, ZNet
/// the latent z, and LD-ZNet z and the tapped features of the diffusion model.
struct Method {
  const char* name;
  bool reads_latent;
  bool reads_taps;
};

/// All methods, as bundles and options name them.
inline constexpr std::array<Method, 3> kMethods = {
    {{"ldznet", true, true}, {"znet", true, false}, {"rgbnet", false, false}}};

/// The method of this name, or null.
constexpr const Method* find_method(std::string_view name) {
  for (const Method& method : kMethods)
    if (method.name == name) return &method;
  return nullptr;
}

/// Whether any of these methods, all of them known, has a property such as &Method::reads_taps.
inline bool any_method(const std::vector<std::string>& names, bool Method::*property) {
  return std::any_of(names.begin(), names.end(), [property](const auto& name) { return find_method(name)->*property; });
}

/// The first method whose head reads the tapped features.
constexpr const char* method_with_taps() {
  for (const Method& method : kMethods)
    if (method.reads_taps) return method.name;
  return "";
}

/// The names of all methods.
inline std::vector<std::string> method_names() {
  std::vector<std::string> names;
  names.reserve(kMethods.size());
  for (const Method& method : kMethods) names.emplace_back(method.name);
  return names;
}

}  // namespace ldznet
