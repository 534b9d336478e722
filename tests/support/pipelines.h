#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ldznet/error.h"
#include "ldznet/pipeline.h"
#include "support/toy_bundle.h"

namespace ldznet::test {

/// A toy bundle that no test changes.
inline const ToyBundle& toy() {
  static const ToyBundle bundle;
  return bundle;
}

/// Options that load these heads on the CPU.
inline LoadOptions cpu(std::vector<std::string> methods = {}) {
  LoadOptions options;
  options.device = "cpu";
  options.methods = std::move(methods);
  return options;
}

inline Image picture(int width, int height) {
  Image image{width, height, {}, {}};
  for (int i = 0; i < width * height * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>((i * 7 + i / 50) % 251));
  return image;
}

/// The map of one prompt.
inline Probability segment(const Pipeline& pipeline, const EncodedImage& image, const std::string& prompt,
                           const SegmentOptions& options = {}) {
  return pipeline.segment(image, std::span(&prompt, 1), options).at(0);
}

/// The largest difference of two maps.
inline double distance(const Probability& a, const Probability& b) {
  double largest = a.values.size() == b.values.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < std::min(a.values.size(), b.values.size()); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a.values[i]) - b.values[i]));
  return largest;
}

/// The code of the Error that `work` throws.
inline ErrorCode refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

}  // namespace ldznet::test
