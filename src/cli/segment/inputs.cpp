#include "cli/segment/inputs.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <optional>
#include <span>
#include <system_error>

#include "base/log.h"
#include "image/header.h"
#include "ldznet/error.h"
#include "output/names.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

bool has_picture_suffix(const fs::path& path) {
  constexpr std::array kSuffixes = {".png",  ".jpg", ".jpeg", ".webp", ".bmp", ".tif",
                                    ".tiff", ".pnm", ".ppm",  ".pgm",  ".pbm"};
  return std::find(kSuffixes.begin(), kSuffixes.end(), lower_suffix(path)) != kSuffixes.end();
}

bool has_picture_content(const fs::path& path) {
  std::array<char, 64> start{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(start.data(), start.size());
  return sniff(std::as_bytes(std::span(start.data(), static_cast<std::size_t>(stream.gcount())))).has_value();
}

bool same_place(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return !b.empty() && fs::equivalent(a, b, error) && !error;
}

/// The pictures in a folder, sorted by path. A folder that cannot be read and a dangling link are included themselves,
/// as inputs that fail.
std::vector<fs::path> pictures_in(const fs::path& folder, const InputQuery& query) {
  std::vector<fs::path> pictures, folders;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::directory_entry& entry = *entries;
    if (entry.path().filename().string().starts_with('.')) continue;
    std::error_code ignored;
    if (fs::is_symlink(entry.symlink_status(ignored)) && !entry.exists(ignored)) {
      if (has_picture_suffix(entry.path())) pictures.push_back(entry.path());
    } else if (entry.is_regular_file(ignored)) {
      if (has_picture_suffix(entry.path()) || has_picture_content(entry.path())) pictures.push_back(entry.path());
    } else if (query.recursive && entry.is_directory(ignored) && !entry.is_symlink(ignored) &&
               !same_place(entry.path(), query.excluded)) {
      folders.push_back(entry.path());
    }
  }
  if (error) pictures.push_back(folder);
  for (const fs::path& below : folders) {
    const std::vector<fs::path> more = pictures_in(below, query);
    pictures.insert(pictures.end(), more.begin(), more.end());
  }
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

/// An absolute path without "." and "..". Links are not followed.
fs::path full_path(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

/// Finds the names that output files get from their pictures' paths, see find_inputs.
class Namer {
 public:
  /// Registers a path; `anchor` is the folder that it would be relative to if it were the only one.
  void add(const fs::path& path, const fs::path& anchor) {
    if (inside(path)) return;
    if (!common_) common_ = anchor;
    fs::path shared;
    for (auto a = common_->begin(), b = anchor.begin(); a != common_->end() && b != anchor.end() && *a == *b; ++a, ++b)
      shared /= *a;
    common_ = shared;
  }

  std::string name(const fs::path& path) const {
    return inside(path) ? inside(path)->string() : full_path(path).lexically_relative(*common_).string();
  }

 private:
  std::optional<fs::path> inside(const fs::path& path) const {
    fs::path relative = full_path(path).lexically_relative(here_);
    if (relative.empty() || relative == "." || *relative.begin() == "..") return std::nullopt;
    return relative;
  }

  fs::path here_ = fs::current_path();
  std::optional<fs::path> common_;
};

/// "zoo/" -> "zoo", so that parent_path() is the folder above.
fs::path without_slash(const fs::path& folder) {
  const fs::path normal = full_path(folder);
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

std::vector<Input> find_inputs(const InputQuery& query) {
  std::vector<Input> inputs;
  Namer namer;
  std::string empty_folder;
  for (const std::string& given : query.paths) {
    std::error_code error;
    if (given == "-") {
      inputs.push_back({given, {}, "stdin"});
    } else if (fs::is_directory(given, error)) {
      const std::vector<fs::path> found = pictures_in(given, query);
      if (found.empty()) empty_folder = given;
      for (const fs::path& picture : found) {
        namer.add(picture, without_slash(given).parent_path());
        inputs.push_back({picture.lexically_normal().string(), picture, ""});
      }
    } else {
      namer.add(given, full_path(given).parent_path());
      inputs.push_back({given, given, ""});
    }
  }
  if (inputs.empty())
    throw Error(ErrorCode::missing_input,
                empty_folder.empty() ? "there is no picture to segment" : "there is no picture in " + empty_folder,
                empty_folder.empty() || query.recursive ? "Name files or other folders."
                                                        : "Use --recursive to read the folders below it.");
  if (!empty_folder.empty()) log::warn("there is no picture in " + empty_folder);
  for (Input& input : inputs)
    if (!input.path.empty()) input.relative = namer.name(input.path);
  return inputs;
}

}  // namespace ldznet::cli
