#include "output/json_lines.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/json_text.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

/// Rounded to a microsecond.
double milliseconds(double value) { return std::round(value * 1e3) / 1e3; }

Json named_files(const NamedFiles& files) {
  Json object = Json::object();
  for (const auto& [kind, file] : files) object[name(kind)] = file;
  return object;
}

Json size_or_null(int size) { return size > 0 ? Json(size) : Json(nullptr); }

Json start(const std::string& id) {
  Json line;
  line["schema"] = kLineSchema;
  if (!id.empty()) line["id"] = Json::parse(id);
  return line;
}

void add_head(Json& line, const RunMetadata& run, const PictureResult& picture) {
  line["image"] = picture.image;
  line["width"] = size_or_null(picture.width);
  line["height"] = size_or_null(picture.height);
  line["model"] = model_json(run.model);
  line["method"] = run.method;
  line["timestep"] = run.timestep ? Json(*run.timestep) : Json(nullptr);
  line["seed"] = run.seed;
  line["samples"] = run.samples;
  line["threshold"] = run.threshold;
  Json& times = line["timing_ms"];
  for (const ReportedStage& stage : kReportedStages) times[stage.name] = milliseconds(stage.of(picture.times));
  times["total"] = milliseconds(picture.total_ms);
}

Json failure(const Error& error) { return {{"code", name(error.code())}, {"message", message(error)}}; }

Json result_json(const PromptResult& result, const PictureResult& picture) {
  Json object;
  object["prompt"] = result.prompt;
  if (!result.phrases.empty()) object["phrases"] = result.phrases;
  if (result.instance > 0) object["instance"] = result.instance;
  object["present"] = result.area > 0;
  object["score"] = rounded(result.score);
  object["max_probability"] = rounded(result.max_probability);
  object["area"] = result.area;
  object["bbox"] = result.bbox;
  object["bbox_format"] = "xywh";
  object["segmentation"] = segmentation_json(picture, result);
  if (result.boxes) object["boxes"] = *result.boxes;
  if (result.polygons) object["polygons"] = polygons_json(*result.polygons);
  object["files"] = named_files(result.files);
  return object;
}

Json segments(const PictureResult& picture) {
  Json list = Json::array();
  for (const LabelSegment& segment : *picture.segments) {
    const PromptResult& result = picture.results[segment.label - 1];
    Json& object = list.emplace_back(Json{{"label", result.prompt_index + 1}, {"prompt", result.prompt}});
    if (result.instance > 0) object["instance"] = result.instance;
    object["area"] = segment.area;
    object["bbox"] = segment.bbox;
  }
  return list;
}

/// Throws std::out_of_range unless `low` <= `value` <= `high`.
void require_range(std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) throw std::out_of_range("a value in a JSON line is not possible");
}

// Readers of numbers. They throw std::exception for other values: conversions of those that do not fit are undefined.

template <typename Integer>
Integer whole(const Json& value, std::int64_t low = 0, std::int64_t high = std::numeric_limits<Integer>::max()) {
  if (!value.is_number_integer()) throw std::invalid_argument("a value in a JSON line is not a whole number");
  const auto number = value.get<std::int64_t>();  // negative if it needs 64 bits without a sign
  require_range(number, low, high);
  return static_cast<Integer>(number);
}

double number(const Json& value, double high) {
  const auto found = value.get<double>();
  if (!(found >= 0 && found <= high)) throw std::out_of_range("a value in a JSON line is not possible");
  return found;
}

std::array<int, 4> read_box(const Json& list) {
  if (!list.is_array() || list.size() != 4) throw std::invalid_argument("a box in a JSON line has not four numbers");
  return {whole<int>(list[0]), whole<int>(list[1]), whole<int>(list[2]), whole<int>(list[3])};
}

std::vector<Polygon> read_polygons(const Json& list) {
  constexpr double kFarthest = std::numeric_limits<int>::max();
  std::vector<Polygon> polygons;
  for (const Json& corners : list) {
    Polygon& polygon = polygons.emplace_back();
    for (const Json& corner : corners) polygon.push_back(number(corner, kFarthest));
  }
  return polygons;
}

std::vector<LabelSegment> read_segments(const Json& list, const std::vector<PromptResult>& results) {
  std::vector<LabelSegment> segments;
  for (const Json& object : list) {
    const auto prompt = whole<std::int64_t>(object.at("label"));
    const int instance = object.contains("instance") ? whole<int>(object["instance"]) : 0;
    const auto result = std::find_if(results.begin(), results.end(), [&](const PromptResult& one) {
      return static_cast<std::int64_t>(one.prompt_index) + 1 == prompt && one.instance == instance;
    });
    if (result == results.end()) throw std::out_of_range("a segment in a JSON line has no result");
    segments.push_back({static_cast<std::size_t>(result - results.begin()) + 1, whole<std::int64_t>(object.at("area")),
                        read_box(object.at("bbox"))});
  }
  return segments;
}

/// Numbers the prompts, whose texts are all different.
void set_prompt_indices(std::vector<PromptResult>& results) {
  for (std::size_t i = 1; i < results.size(); ++i)
    results[i].prompt_index = results[i - 1].prompt_index + (results[i].prompt == results[i - 1].prompt ? 0 : 1);
}

NamedFiles read_files(const Json& object) {
  NamedFiles files;
  for (const auto& [kind, file] : object.items()) files.emplace_back(kind_of(kind), file.get<std::string>());
  return files;
}

PromptResult read_result(const Json& object, std::int64_t pixels) {
  PromptResult result;
  object.at("prompt").get_to(result.prompt);
  if (object.contains("phrases")) object["phrases"].get_to(result.phrases);
  if (object.contains("instance")) result.instance = whole<int>(object["instance"]);
  result.score = number(object.at("score"), 1);
  result.max_probability = number(object.at("max_probability"), 1);
  result.area = whole<std::int64_t>(object.at("area"), 0, pixels);
  result.bbox = read_box(object.at("bbox"));
  object.at("segmentation").at("counts").get_to(result.counts);
  if (object.contains("boxes")) {
    result.boxes.emplace();
    for (const Json& box : object["boxes"]) result.boxes->push_back(read_box(box));
  }
  if (object.contains("polygons")) result.polygons = read_polygons(object["polygons"]);
  result.files = read_files(object.at("files"));
  return result;
}

}  // namespace

Json polygons_json(const std::vector<Polygon>& polygons) {
  Json all = Json::array();
  for (const Polygon& polygon : polygons) {
    Json corners = Json::array();
    for (const double value : polygon) corners.push_back(number_json(value));
    all.push_back(std::move(corners));
  }
  return all;
}

Json number_json(double value) {
  return value == std::trunc(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json segmentation_json(const PictureResult& picture, const PromptResult& result) {
  return {{"size", {picture.height, picture.width}}, {"counts", result.counts}};
}

double rounded(double probability) { return std::round(probability * 1e6) / 1e6; }

std::string json_line(const RunMetadata& run, const PictureResult& picture, const std::string& id) {
  Json line = start(id);
  add_head(line, run, picture);
  if (picture.error) {
    line["error"] = failure(*picture.error);
  } else {
    line["results"] = Json::array();
    for (const PromptResult& result : picture.results) line["results"].push_back(result_json(result, picture));
    if (picture.segments) line["segments"] = segments(picture);
    if (!picture.files.empty()) line["files"] = named_files(picture.files);
  }
  return json_text(line) + "\n";
}

std::string error_line(const std::string& id, const Error& error) {
  Json line = start(id);
  line["error"] = failure(error);
  return json_text(line) + "\n";
}

PictureResult read_json_line(std::string_view line) { return read_json_object(Json::parse(line)); }

PictureResult read_json_object(const Json& object) {
  PictureResult picture;
  object.at("image").get_to(picture.image);
  picture.width = whole<int>(object.at("width"), 1);
  picture.height = whole<int>(object.at("height"), 1);
  constexpr double kLongest = 1e12;  // milliseconds
  const Json& times = object.at("timing_ms");
  for (const ReportedStage& stage : kReportedStages)
    picture.times.*stage.value = number(times.at(stage.name), kLongest);
  picture.total_ms = number(times.at("total"), kLongest);
  const std::int64_t pixels = std::int64_t{1} * picture.width * picture.height;
  for (const Json& result : object.at("results")) picture.results.push_back(read_result(result, pixels));
  set_prompt_indices(picture.results);
  if (object.contains("segments")) picture.segments = read_segments(object["segments"], picture.results);
  if (object.contains("files")) picture.files = read_files(object["files"]);
  return picture;
}

}  // namespace ldznet
