#include "cli/worker/request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/json_text.h"
#include "cli/args/option_parser.h"
#include "cli/args/option_setters.h"
#include "cli/args/picture_options.h"

namespace ldznet::cli {

namespace {

using Json = nlohmann::ordered_json;  // ids keep the order of their members

constexpr std::size_t kMostValues = 10'000;  // in a request, prompts for the most part
constexpr const char* kHint = R"(For example {"id": 1, "image": "zoo.png", "prompts": ["panda"]}.)";

/// The picture of a request; one of the two is set.
struct Source {
  std::string image, image_b64;
};

/// The members of a request except its id, as options: a value means the same as on the command line.
OptionParser request_parser(Source& source, SegmentCommand& command) {
  OptionParser parser({.name = "worker"});
  parser.add({.names = "--image", .value = "FILE", .set = string(source.image)});
  parser.add({.names = "--image-b64", .value = "BYTES", .set = string(source.image_b64)});
  parser.add({.names = "--prompts", .value = "LIST", .set = append_string(command.prompts), .repeatable = true});
  add_picture_options(parser, command);
  return parser;
}

/// A member's value as text, as the command line would have it.
std::string scalar(const std::string& name, const Json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().find('\0') == std::string::npos)
    return value.get<std::string>();
  if (value.is_boolean() || value.is_number()) return json_text(value);
  throw Error(ErrorCode::usage,
              "\"" + name + "\" must be a string without \\u0000, a number, true, false, or a list of these", kHint);
}

/// Throws Error(usage) when the member exists and is neither a string nor a list of strings.
void require_texts(const Json& object, const std::string& name) {
  const auto texts = object.find(name);
  if (texts == object.end() || texts->is_string() || texts->is_null()) return;
  if (!texts->is_array() || !std::all_of(texts->begin(), texts->end(), [](const Json& t) { return t.is_string(); }))
    throw Error(ErrorCode::usage, "\"" + name + "\" must be a list of strings", kHint);
}

std::vector<Setting> settings_of(const Json& object) {
  std::vector<Setting> settings;
  for (const auto& [name, value] : object.items()) {
    if (name == "id" || value.is_null()) continue;
    Setting setting{name, {}, "\"" + name + "\""};
    std::replace(setting.name.begin(), setting.name.end(), '_', '-');
    if (value.is_array()) {
      for (const Json& element : value) setting.values.push_back(scalar(name, element));
    } else {
      setting.values.push_back(scalar(name, value));
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

struct Parsed {
  Json object;
  bool is_too_much = false;  ///< it has more than kMostValues values; of those beyond, only the id is kept
};

Parsed parse(const std::string& line) {
  std::size_t values = 0;
  bool is_id = false;  // what is being parsed belongs to the member "id"
  const auto keep = [&](int depth, Json::parse_event_t event, const Json& part) {
    check_depth(depth);
    if (depth == 1 && event == Json::parse_event_t::key) is_id = part == "id";
    const bool begins = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (begins || event == Json::parse_event_t::value) ++values;
    return values <= kMostValues || depth == 0 || (depth == 1 && is_id);
  };
  try {
    Json object = Json::parse(line, keep);
    return {std::move(object), values > kMostValues};
  } catch (const Json::parse_error& wrong) {
    throw Error(ErrorCode::usage, "the request is not JSON: error at byte " + std::to_string(wrong.byte), kHint);
  } catch (const Json::exception&) {
    throw Error(ErrorCode::usage, "a number in the request is too large", kHint);
  } catch (const std::invalid_argument& wrong) {
    throw Error(ErrorCode::usage, std::string("in the request, ") + wrong.what(), kHint);
  }
}

void read_source(Source& source, PictureRequest& request) {
  if (source.image.empty() == source.image_b64.empty())
    throw Error(ErrorCode::usage, "a request needs either \"image\" or \"image_b64\"", kHint);
  request.picture = source.image;
  if (source.image == "-")
    throw Error(ErrorCode::usage, "\"image\" - is stdin, which carries the requests",
                "Send the picture as \"image_b64\".");
  if (!source.image_b64.empty()) request.encoded = decode_base64(source.image_b64);
  if (source.image_b64.empty() || request.encoded) return;
  throw Error(ErrorCode::bad_image, "\"image_b64\" is not base64", "Encode the bytes of the picture's file.");
}

void read_members(const Parsed& parsed, PictureRequest& request) {
  const Json& object = parsed.object;
  if (!object.is_object()) throw Error(ErrorCode::usage, "the request is not a JSON object", kHint);
  const auto id = object.find("id");
  if (id != object.end() && !is_exact(*id))
    throw Error(ErrorCode::usage, "\"id\" has a number that does not fit into 64 bits", "Write it as a string.");
  if (id != object.end() && !(parsed.is_too_much && id->is_structured())) request.id = json_text(*id);
  if (parsed.is_too_much)
    throw Error(ErrorCode::usage, "the request has more than " + std::to_string(kMostValues) + " values",
                "Divide its prompts among several requests.");
  if (object.contains("save")) request.command.save.clear();  // replaces the default kinds instead of adding to them
  Source source;
  require_texts(object, "prompts");
  request_parser(source, request.command).set(settings_of(object), ErrorCode::usage);
  read_source(source, request);
  if (request.command.prompts.empty()) throw Error(ErrorCode::usage, "\"prompts\" is missing or empty", kHint);
  if (request.command.output == "-")
    throw Error(ErrorCode::usage, "\"output\" - is stdout, which carries the answers", "Name a folder.");
  check_template(request.command);
}

}  // namespace

PictureRequest read_request(const std::string& line, const SegmentCommand& defaults) {
  PictureRequest request;
  request.command = defaults;
  try {
    if (line.size() > kLongestRequest)
      throw Error(ErrorCode::usage, "the request is longer than " + std::to_string(kLongestRequest >> 20) + " MiB",
                  "Name the picture's file with \"image\".");
    read_members(parse(line), request);
  } catch (const Error& error) {
    request.error = error;
  }
  return request;
}

}  // namespace ldznet::cli
