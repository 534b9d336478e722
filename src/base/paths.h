#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string>
#include <string_view>

namespace ldznet {

/// An absolute path without ".", ".." and a slash at its end. Links are not followed.
inline std::filesystem::path full_path(const std::filesystem::path& path) {
  std::filesystem::path normal = std::filesystem::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

/// ".png" of "zoo/IMG.PNG": ASCII letters in lower case.
inline std::string lower_suffix(const std::filesystem::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return suffix;
}

/// Whether the path has the suffix of a picture, of a supported type or not.
inline bool has_picture_suffix(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 18> kSuffixes = {".png",  ".jpg",  ".jpeg", ".webp", ".bmp", ".tif",
                                                          ".tiff", ".pnm",  ".ppm",  ".pgm",  ".pbm", ".gif",
                                                          ".heic", ".heif", ".avif", ".jxl",  ".jp2", ".j2k"};
  return std::find(kSuffixes.begin(), kSuffixes.end(), lower_suffix(path)) != kSuffixes.end();
}

}  // namespace ldznet
