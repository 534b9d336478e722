#include "output/yolo.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/decimals.h"
#include "base/files/atomic_file.h"
#include "base/json_text.h"
#include "ldznet/error.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

// Ultralytics takes the folder of the file for the data set's root, so that the whole folder can be moved.
constexpr const char* kHead = "train: images\nval: images\n";
constexpr std::string_view kNames = "names:";

/// The file in two parts. Whatever a user changes in the first is kept.
struct DataYaml {
  std::string head = kHead;        ///< the lines before "names:"
  std::vector<std::string> names;  ///< by number
};

/// " 0.250000 0.500000"
std::string corner(double x, double y) { return " " + decimals(x, 6) + " " + decimals(y, 6); }

std::string text_of(const DataYaml& yaml) {
  std::string text = yaml.head + std::string(kNames) + "\n";
  for (std::size_t k = 0; k < yaml.names.size(); ++k)
    text += "  " + std::to_string(k) + ": " + json_text(Json(yaml.names[k])) + "\n";  // a JSON string is valid YAML
  return text;
}

/// The parts of a file in the form of `text_of`; nothing for any other file.
std::optional<DataYaml> parse(std::istream& file) {
  DataYaml yaml{"", {}};
  std::string line;
  while (std::getline(file, line) && line != kNames) yaml.head += line + "\n";
  if (line != kNames) return std::nullopt;
  while (std::getline(file, line)) {
    const std::string start = "  " + std::to_string(yaml.names.size()) + ": ";
    const Json name = line.starts_with(start) ? Json::parse(line.substr(start.size()), nullptr, false) : Json();
    if (!name.is_string()) return std::nullopt;
    yaml.names.push_back(name.get<std::string>());
  }
  if (yaml.head.empty()) yaml.head = kHead;  // as version 0.1.0 wrote it
  return yaml;
}

/// An existing data set's file, or that of an empty one. Throws Error(cannot_write).
DataYaml read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {};
  if (auto yaml = parse(stream)) return std::move(*yaml);
  throw Error(ErrorCode::cannot_write,
              "cannot add classes to " + file.string() + ": the list of its names is not as ldznet writes it",
              "Choose another output folder, or move that file away together with its labels.");
}

}  // namespace

fs::path yolo_names_file(const fs::path& folder) { return folder / "data.yaml"; }

void check_yolo_classes(const fs::path& folder) { read(yolo_names_file(folder)); }

std::vector<std::size_t> add_yolo_classes(const fs::path& folder, const std::vector<std::string>& prompts) {
  const fs::path file = yolo_names_file(folder);
  DataYaml yaml = read(file);
  std::vector<std::size_t> classes;
  for (const std::string& prompt : prompts) {
    const auto place = std::find(yaml.names.begin(), yaml.names.end(), prompt);
    classes.push_back(static_cast<std::size_t>(place - yaml.names.begin()));
    if (place == yaml.names.end()) yaml.names.push_back(prompt);
  }
  write_file(file, text_of(yaml));
  return classes;
}

std::string yolo_text(const OutlinedPicture& picture, const std::vector<std::size_t>& classes) {
  std::string text;
  for (const OutlinedMask& mask : picture.masks) {
    for (const Polygon& outline : mask.outlines) {
      text += std::to_string(classes[mask.prompt]);
      for (std::size_t i = 0; i + 1 < outline.size(); i += 2)
        text += corner(outline[i] / picture.width, outline[i + 1] / picture.height);
      text += "\n";
    }
  }
  return text;
}

bool yolo_reads(const std::string& suffix) {
  constexpr std::array kSuffixes = {".avif", ".bmp", ".heic", ".heif", ".jp2", ".jpeg",
                                    ".jpg",  ".png", ".tif",  ".tiff", ".webp"};
  return std::find(kSuffixes.begin(), kSuffixes.end(), suffix) != kSuffixes.end();
}

fs::path yolo_path(const fs::path& relative) {
  fs::path path;
  for (const fs::path& part : relative.parent_path()) path /= part == "images" ? "images_" : part;
  return path / relative.filename();
}

}  // namespace ldznet
