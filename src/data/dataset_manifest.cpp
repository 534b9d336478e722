#include "data/dataset_manifest.h"

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_text.h"
#include "base/text.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "ldznet/rle.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;  // ids keep the order of their members

constexpr std::size_t kMostMembers = 10'000;  // of the objects of a line

std::string text_of(const Json& line, const char* member) {
  const auto found = line.find(member);
  if (found == line.end() || !found->is_string() || is_blank(found->get_ref<const std::string&>()))
    throw std::invalid_argument(std::string("\"") + member + "\" must be a string that is not empty");
  return found->get<std::string>();
}

/// COCO's compressed counts of a list of run lengths.
std::string compressed(const Json& counts) {
  std::vector<std::uint32_t> runs;
  for (const Json& run : counts) {
    if (!run.is_number_unsigned() || run.get<std::uint64_t>() > kMostPixels)
      throw std::invalid_argument("\"counts\" in \"mask\" has a value that is no number of pixels");
    runs.push_back(run.get<std::uint32_t>());
  }
  return compress_runs(runs);
}

RunLengths runs_of(const Json& mask) {
  const auto size = mask.find("size");
  if (size == mask.end() || !size->is_array() || size->size() != 2 || !(*size)[0].is_number_unsigned() ||
      !(*size)[1].is_number_unsigned())
    throw std::invalid_argument("\"mask\" has no \"size\": [height, width]");
  const auto height = (*size)[0].get<std::uint64_t>(), width = (*size)[1].get<std::uint64_t>();
  if (width == 0 || height == 0) throw std::invalid_argument("\"mask\" has a \"size\" without pixels");
  if (width > kMostPixels || height > kMostPixels || width * height > kMostPixels)
    throw std::invalid_argument("\"mask\" has a \"size\" above the largest size of a picture");
  const auto counts = mask.find("counts");
  const bool is_list = counts != mask.end() && counts->is_array();
  return {static_cast<int>(width), static_cast<int>(height), is_list ? compressed(*counts) : text_of(mask, "counts")};
}

std::vector<Outline> outlines_of(const Json& mask) {
  std::vector<Outline> outlines;
  for (const Json& polygon : mask) {
    if (!polygon.is_array() || polygon.size() < 6 || polygon.size() % 2 != 0)
      throw std::invalid_argument("a polygon in \"mask\" must be [x, y, x, y, x, y, ...]");
    Outline outline;
    for (const Json& number : polygon) {
      if (!number.is_number())
        throw std::invalid_argument("a polygon in \"mask\" contains a value that is not a number");
      outline.push_back(number.get<double>());
    }
    outlines.push_back(std::move(outline));
  }
  return outlines;
}

Truth truth_of(const fs::path& folder, const Json& line) {
  const auto mask = line.find("mask");
  if (mask == line.end()) throw std::invalid_argument("\"mask\" is missing");
  if (mask->is_null() || *mask == "") return std::vector<Outline>{};  // the object is absent
  if (mask->is_string()) return folder / mask->get<std::string>();
  if (mask->is_object()) return runs_of(*mask);
  if (mask->is_array()) return outlines_of(*mask);
  throw std::invalid_argument("\"mask\" must be a file name, run lengths, polygons or null");
}

std::string id_of(const Json& line, std::size_t number) {
  const auto id = line.find("id");
  if (id == line.end() || id->is_null()) return std::to_string(number);
  return id_text(*id);
}

std::map<std::string, std::string> tags_of(const Json& line) {
  std::map<std::string, std::string> tags;
  for (const auto& [member, value] : line.items())
    if (value.is_string() && member != "image" && member != "phrase" && member != "mask" && member != "id")
      tags[member] = value.get<std::string>();
  return tags;
}

}  // namespace

Sample parse_dataset_line(const std::string& text, std::size_t number, const fs::path& folder,
                          const std::string& where) {
  try {
    const auto line = parse_shallow<Json>(text, kMostMembers);
    if (!line.is_object()) throw std::invalid_argument("not a JSON object");
    return {id_of(line, number), folder / text_of(line, "image"), text_of(line, "phrase"), truth_of(folder, line),
            tags_of(line)};
  } catch (const Json::exception&) {
    throw Error(ErrorCode::bad_image, where + " is not JSON");
  } catch (const std::invalid_argument& wrong) {
    throw Error(ErrorCode::bad_image, where + ": " + wrong.what(),
                R"(A line looks like {"image": "a.png", "phrase": "red car", "mask": "a_mask.png"}.)");
  }
}

std::vector<Sample> read_dataset_manifest(const fs::path& folder) {
  const fs::path path = folder / "manifest.jsonl";
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::missing_input, "cannot open " + path.string(), "Check its permissions.");
  std::vector<Sample> samples;
  std::string text;
  for (std::size_t number = 0; std::getline(file, text); ++number) {
    if (is_blank(text)) continue;
    samples.push_back(parse_dataset_line(text, number, folder, path.string() + " line " + std::to_string(number + 1)));
  }
  return samples;
}

}  // namespace ldznet
