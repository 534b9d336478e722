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

/// The pictures in a folder, sorted by their paths. A folder that cannot be read stands for itself, and a link that
/// leads nowhere, too: they are inputs that fail.
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
               !same_place(entry.path(), query.not_inside)) {
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

/// An absolute path without "." and "..", worked out on the text alone.
fs::path full_path(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

/// Names outputs after paths, see find_inputs.
class Namer {
 public:
  /// Takes in a path, and the folder from which it would be named if it were alone.
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

/// "zoo/" -> "zoo", so that the parent is what lies above.
fs::path without_slash(const fs::path& folder) {
  const fs::path normal = full_path(folder);
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

std::vector<Input> find_inputs(const InputQuery& query) {
  std::vector<Input> inputs;
  Namer namer;
  std::string empty_folder;
  for (const std::string& word : query.words) {
    std::error_code error;
    if (word == "-") {
      inputs.push_back({word, {}, "stdin"});
    } else if (fs::is_directory(word, error)) {
      const std::vector<fs::path> found = pictures_in(word, query);
      if (found.empty()) empty_folder = word;
      for (const fs::path& picture : found) {
        namer.add(picture, without_slash(word).parent_path());
        inputs.push_back({picture.lexically_normal().string(), picture, ""});
      }
    } else {
      namer.add(word, full_path(word).parent_path());
      inputs.push_back({word, word, ""});
    }
  }
  if (inputs.empty())
    throw Error(ErrorCode::missing_input,
                empty_folder.empty() ? "there is no picture to segment" : "there is no picture in " + empty_folder,
                empty_folder.empty() || query.recursive ? "Name files or other folders."
                                                        : "Folders below it are read, too, with --recursive.");
  if (!empty_folder.empty()) log::warn("there is no picture in " + empty_folder);
  for (Input& input : inputs)
    if (!input.path.empty()) input.relative = namer.name(input.path);
  return inputs;
}

}  // namespace ldznet::cli
