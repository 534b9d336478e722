#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ldznet/error.h"
#include "output/picture_result.h"

namespace ldznet {

/// The "schema" of every line, described in docs/ldznet-1.schema.json.
constexpr const char* kLineSchema = "ldznet/1";

/// Rounded to six decimals, the precision of float32 networks.
double rounded(double probability);

/// A coordinate, without ".0" if it is a whole number.
nlohmann::ordered_json number_json(double value);

/// A list of polygons, each [x0, y0, x1, y1, ...].
nlohmann::ordered_json polygons_json(const std::vector<Polygon>& polygons);

/// A mask as COCO writes it: its size and run lengths.
nlohmann::ordered_json segmentation_json(const PictureResult& picture, const PromptResult& result);

/// A picture's line in the JSON output with its line feed, members in the schema's order. Always valid JSON: bytes that
/// are not UTF-8 become U+FFFD. `id`: the id of the request that this line answers, as JSON; empty: none.
std::string json_line(const RunMetadata& run, const PictureResult& picture, const std::string& id = "");

/// The line that answers a request without a picture result.
std::string error_line(const std::string& id, const Error& error);

/// Reads the line of a picture without an error back, so that `json_line` of the result gives the same line.
/// Throws std::exception for any other text.
PictureResult read_json_line(std::string_view line);

/// The same for a line that is parsed already.
PictureResult read_json_object(const nlohmann::ordered_json& object);

}  // namespace ldznet
