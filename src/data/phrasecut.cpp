#include "data/phrasecut.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_text.h"
#include "ldznet/error.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

// CLIPSeg's list of test images whose size disagrees with their annotations.
constexpr std::array<std::int64_t, 17> kOddSizes = {150417, 285665, 498246, 61564,  285743, 498269,
                                                    498010, 150516, 150344, 286093, 61530,  150333,
                                                    286065, 285814, 498187, 285761, 498042};

/// Flattens PhraseCut's polygons: instances of polygons of corners [x, y].
std::vector<Outline> outlines_of(const Json& instances) {
  std::vector<Outline> outlines;
  for (const Json& polygons : instances)
    for (const Json& polygon : polygons) {
      Outline outline;
      for (const Json& corner : polygon) {
        outline.push_back(corner.at(0).get<double>());
        outline.push_back(corner.at(1).get<double>());
      }
      outlines.push_back(std::move(outline));
    }
  return outlines;
}

}  // namespace

fs::path phrasecut_tasks(const fs::path& folder, const std::string& split) {
  const std::vector<std::string> splits = split.empty() ? std::vector<std::string>{"test", "val"} : std::vector{split};
  for (const std::string& name : splits)
    if (const fs::path tasks = folder / ("refer_" + name + ".json"); fs::is_regular_file(tasks)) return tasks;
  return {};
}

std::vector<Sample> read_phrasecut(const fs::path& folder, const fs::path& tasks, std::size_t& left_out) {
  std::ifstream file(tasks);
  if (!file) throw Error(ErrorCode::missing_input, "cannot open " + tasks.string(), "Check its permissions.");
  return parse_phrasecut(file, folder, tasks.string(), left_out);
}

std::vector<Sample> parse_phrasecut(std::istream& content, const fs::path& folder, const std::string& where,
                                    std::size_t& left_out) {
  std::vector<Sample> samples;
  left_out = 0;
  const auto refuse = [&](const std::exception& wrong) {
    throw Error(ErrorCode::bad_image, where + " is not in PhraseCut's format: " + wrong.what(),
                "Unpack the data set again.");
  };
  try {
    for (const Json& task : parse_shallow<Json>(content)) {
      const Json& number = task.at("image_id");
      if (!number.is_number_integer()) throw std::invalid_argument("an image_id is not a whole number");
      const auto image = number.get<std::int64_t>();
      if (std::find(kOddSizes.begin(), kOddSizes.end(), image) != kOddSizes.end()) {
        ++left_out;
        continue;
      }
      samples.push_back({id_text(task.at("task_id")), folder / "images" / (std::to_string(image) + ".jpg"),
                         task.at("phrase").get<std::string>(), outlines_of(task.at("Polygons"))});
    }
  } catch (const Json::exception& wrong) {
    refuse(wrong);
  } catch (const std::invalid_argument& wrong) {
    refuse(wrong);
  }
  return samples;
}

}  // namespace ldznet
