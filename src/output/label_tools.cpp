#include "output/label_tools.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "output/json_lines.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kLabelMeVersion = "5.5.0";  // version of the file format that is written

/// Pixels inside, by the shoelace formula.
double area(const Polygon& outline) {
  double twice = 0;
  const std::size_t n = outline.size();
  for (std::size_t i = 0; i + 1 < n; i += 2)
    twice += outline[i] * outline[(i + 3) % n] - outline[(i + 2) % n] * outline[i + 1];
  return std::abs(twice) / 2;
}

/// The picture's path as seen from a folder; its name unchanged if it is not a file.
std::string path_from(const std::filesystem::path& folder, const std::string& image) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(image, error)) return image;
  const std::filesystem::path whole = std::filesystem::absolute(folder, error);  // it may not exist yet
  const std::filesystem::path relative =
      error ? std::filesystem::path() : std::filesystem::relative(std::filesystem::absolute(image), whole, error);
  return error || relative.empty() ? image : relative.string();
}

}  // namespace

std::vector<Polygon> without_specks(std::vector<Polygon> outlines) {
  std::erase_if(outlines, [](const Polygon& outline) { return area(outline) < kSmallestRegion; });
  return outlines;
}

std::string labelme_json(const OutlinedPicture& picture, const std::vector<std::string>& prompts,
                         const std::filesystem::path& file) {
  Json shapes = Json::array();
  for (const OutlinedMask& mask : picture.masks) {
    for (const Polygon& outline : mask.outlines) {
      Json points = Json::array();
      for (std::size_t i = 0; i + 1 < outline.size(); i += 2)
        points.push_back({number_json(outline[i]), number_json(outline[i + 1])});
      shapes.push_back({{"label", prompts[mask.prompt]},
                        {"points", points},
                        {"group_id", mask.group},
                        {"description", "score " + json_text(Json(rounded(mask.score)))},
                        {"shape_type", "polygon"},
                        {"flags", Json::object()},
                        {"mask", nullptr}});
    }
  }
  const Json file_content = {{"version", kLabelMeVersion}, {"flags", Json::object()},
                             {"shapes", shapes},           {"imagePath", path_from(file.parent_path(), picture.image)},
                             {"imageData", nullptr},       {"imageHeight", picture.height},
                             {"imageWidth", picture.width}};
  return json_text(file_content, 2) + "\n";
}

}  // namespace ldznet
