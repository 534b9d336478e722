#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/methods.h"
#include "base/sha256.h"
#include "ldznet/bundle.h"
#include "ldznet/error.h"

namespace ldznet {

namespace {

using nlohmann::json;

constexpr const char* kSchema = "ldznet-bundle/1";
constexpr std::uintmax_t kLargestManifest = 16u << 20;  // bytes; real ones have a few thousand
constexpr int kLargestSide = 16384;                     // pixels of a working image; more is a mistake

/// A value of the manifest and its path for messages, for example `latent.scale`.
class Node {
 public:
  Node(const json& value, std::string path, std::string file)
      : value_(value), path_(std::move(path)), file_(std::move(file)) {}

  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::bad_config, file_ + ": " + (path_.empty() ? "it " : path_ + " ") + problem,
                "Export the bundle again with scripts/export.py, or correct the file.");
  }

  /// The member `key`, or nothing.
  std::optional<Node> find(const std::string& key) const {
    const json& object = require(value_.is_object(), "must be an object");
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    return Node(*found, path_.empty() ? key : path_ + "." + key, file_);
  }

  Node operator[](const std::string& key) const {
    const auto found = find(key);
    if (!found) fail("has no member \"" + key + "\"");
    return *found;
  }

  std::vector<std::pair<std::string, Node>> members() const {
    std::vector<std::pair<std::string, Node>> all;
    const json& object = require(value_.is_object(), "must be an object");
    for (auto it = object.begin(); it != object.end(); ++it)
      all.emplace_back(it.key(), Node(it.value(), path_ + "." + it.key(), file_));
    return all;
  }

  std::vector<Node> elements() const {
    std::vector<Node> all;
    for (const json& value : require(value_.is_array(), "must be a list"))
      all.emplace_back(value, path_ + "[" + std::to_string(all.size()) + "]", file_);
    return all;
  }

  std::string text() const { return require(value_.is_string(), "must be a string").get<std::string>(); }

  /// A string that names a file in the bundle's folder.
  std::string file_name() const {
    std::string name = text();
    check_file_name(name);
    return name;
  }

  void check_file_name(const std::string& name) const {
    const bool plain = !name.empty() && name != "." && name != ".." &&
                       name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
    if (!plain) fail("names the file \"" + name + "\"; only plain file names, without a folder, are allowed");
  }

  bool boolean() const { return require(value_.is_boolean(), "must be true or false").get<bool>(); }

  std::uint64_t count() const {
    return require(value_.is_number_unsigned(), "must be a whole number, 0 or more").get<std::uint64_t>();
  }

  int integer(int low, int high) const {
    const std::string range = "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    const double value = require(value_.is_number_integer(), range).get<double>();  // exact up to `high`
    if (value < low || value > high) fail(range + ", not " + value_.dump());
    return value_.get<int>();
  }

  /// A number in (low, high], or in [low, high] when `inclusive`.
  double number(double low, double high, bool inclusive = false) const {
    const double value = require(value_.is_number(), "must be a number").get<double>();
    const bool fits = (inclusive ? value >= low : value > low) && value <= high;
    if (!fits) fail("is out of range: " + value_.dump());
    return value;
  }

 private:
  const json& require(bool holds, const std::string& problem) const {
    if (!holds) fail(problem);
    return value_;
  }

  const json& value_;
  std::string path_;
  std::string file_;
};

std::vector<std::string> unique_names(const Node& list) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Node& element : list.elements()) {
    names.push_back(element.text());
    if (names.back().empty()) element.fail("is empty");
    if (!seen.insert(names.back()).second) element.fail("repeats \"" + names.back() + "\"");
  }
  return names;
}

void read_numbers(const Node& root, Manifest& manifest) {
  manifest.latent_channels = root["latent"]["channels"].integer(1, 1024);
  manifest.latent_factor = root["latent"]["factor"].integer(1, 256);
  manifest.latent_scale = root["latent"]["scale"].number(0, 1e6);

  manifest.image_multiple = root["image"]["multiple"].integer(1, kLargestSide);
  if (manifest.image_multiple % manifest.latent_factor != 0)
    root["image"]["multiple"].fail("must be a multiple of latent.factor, " + std::to_string(manifest.latent_factor));
  manifest.image_area =
      root["image"]["area"].integer(manifest.image_multiple * manifest.image_multiple, kLargestSide * kLargestSide);

  const Node schedule = root["noise_schedule"];
  if (schedule["kind"].text() != "scaled_linear")
    schedule["kind"].fail("must be \"scaled_linear\", the only supported schedule");
  manifest.noise_steps = schedule["steps"].integer(2, 1000000);
  manifest.beta_start = schedule["beta_start"].number(0, 1);
  manifest.beta_end = schedule["beta_end"].number(manifest.beta_start, 1, true);

  const std::vector<Node> range = root["timestep"]["range"].elements();
  if (range.size() != 2) root["timestep"]["range"].fail("must be a list of two timesteps, low and high");
  manifest.timestep = root["timestep"]["default"].integer(0, manifest.noise_steps - 1);
  manifest.timestep_low = range[0].integer(0, manifest.noise_steps - 1);
  manifest.timestep_high = range[1].integer(manifest.timestep_low + 1, manifest.noise_steps);

  manifest.text_length = root["text"]["length"].integer(3, 65536);
  manifest.threshold = root["threshold"].number(0, 1, true);
}

/// What all prompts of a picture share; both members may be missing.
void read_sharing(const Node& root, Manifest& manifest) {
  if (const auto shared = root.find("shared_inputs")) manifest.shared_inputs = shared->boolean();
  if (const auto unet_context = root.find("unet_context")) {
    const std::string text = unet_context->text();
    if (text != "prompt" && text != "empty") unet_context->fail("must be \"prompt\" or \"empty\"");
    manifest.unet_reads_prompt = text == "prompt";
  }
}

/// What the bundle knows; both members may be missing.
void read_domain(const Node& root, Manifest& manifest) {
  if (const auto domain = root.find("domain")) manifest.domain = domain->text();
  if (const auto names = root.find("names"))
    for (const auto& [name, synonyms] : names->members()) manifest.names[name] = unique_names(synonyms);
}

void read_files(const Node& root, Manifest& manifest) {
  for (const auto& [name, node] : root["files"].members()) {
    node.check_file_name(name);
    BundleFile file{node["bytes"].count(), node["sha256"].text()};
    const bool hex = file.sha256.size() == 64 && file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex) node["sha256"].fail("must be 64 lower-case hex digits");
    manifest.files.emplace(name, std::move(file));
  }
}

void read_methods(const Node& root, Manifest& manifest) {
  for (const auto& [name, node] : root["methods"].members()) {
    if (find_method(name) == nullptr) continue;
    manifest.methods.push_back(name);
    manifest.method_files[name] = node["file"].file_name();
  }
  if (manifest.methods.empty()) root["methods"].fail("has none of ldznet, znet and rgbnet");
  manifest.default_method = root["default_method"].text();
  if (!manifest.method_files.contains(manifest.default_method))
    root["default_method"].fail("is \"" + manifest.default_method + "\", which is not among the methods");
}

/// Checks that every file a stage loads has an entry in `files`.
void require_files(const Node& root, const Manifest& manifest) {
  std::vector<std::string> needed = {"text_encoder.pt", manifest.vocab_file, manifest.merges_file};
  if (any_method(manifest.methods, &Method::reads_latent)) needed.emplace_back("vae_encoder.pt");
  if (any_method(manifest.methods, &Method::reads_taps)) needed.emplace_back("unet.pt");
  for (const auto& [method, file] : manifest.method_files) needed.push_back(file);
  for (const std::string& file : needed)
    if (!manifest.files.contains(file)) root["files"].fail("has no entry for " + file);
}

}  // namespace

Manifest parse_manifest(const std::string& content, const std::string& file) {
  json document;
  try {
    document = json::parse(content);
  } catch (const json::exception& error) {
    throw Error(ErrorCode::bad_config, file + " is not JSON: " + error.what(),
                "Export the bundle again with scripts/export.py, or correct the file.");
  }
  const Node root(document, "", file);
  const std::string schema = root["schema"].text();
  if (schema != kSchema) root["schema"].fail("is \"" + schema + "\", and this build reads \"" + kSchema + "\" only");

  Manifest manifest;
  manifest.name = root["name"].text();
  manifest.version = root["version"].text();
  manifest.licence = root["licence"].text();
  manifest.torch_version = root["torch"].text();
  manifest.dtype = root["dtype"].text();
  constexpr std::array<std::string_view, 4> kDtypes = {"float16", "bfloat16", "float32", "int8"};
  if (std::ranges::find(kDtypes, manifest.dtype) == kDtypes.end())
    root["dtype"].fail("is \"" + manifest.dtype + "\"; it must be float16, bfloat16, float32 or int8");
  read_numbers(root, manifest);
  read_domain(root, manifest);
  read_sharing(root, manifest);
  manifest.vocab_file = root["text"]["vocab"].file_name();
  manifest.merges_file = root["text"]["merges"].file_name();
  if (const auto precision = root.find("precision")) {
    manifest.precision = precision->text();
    if (manifest.precision != "auto" && manifest.precision != "fp32") precision->fail("must be \"auto\" or \"fp32\"");
  }
  manifest.taps = unique_names(root["taps"]);
  manifest.features = unique_names(root["features"]);
  for (const Node& tap : root["taps"].elements())
    if (std::ranges::find(manifest.features, tap.text()) == manifest.features.end())
      tap.fail("is \"" + tap.text() + "\", which is not among the features");
  read_files(root, manifest);
  read_methods(root, manifest);
  if (any_method(manifest.methods, &Method::reads_taps) && manifest.taps.empty())
    root["taps"].fail("is empty, but the method ldznet reads taps");
  require_files(root, manifest);
  manifest.sha256 = sha256_hex(std::as_bytes(std::span(content)));
  return manifest;
}

Manifest read_manifest(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "model.json";
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw Error(ErrorCode::missing_input, "there is no bundle in " + directory.string() + ": model.json is missing",
                "Name a bundle's folder; scripts/export.py makes one.");
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  if (std::filesystem::file_size(path, error) > kLargestManifest)
    throw Error(ErrorCode::bad_config, path.string() + " is too large to be a manifest");
  content << stream.rdbuf();  // sets content's failbit for an empty file, which the parser reports
  if (!stream) throw Error(ErrorCode::bad_config, path.string() + " cannot be read", "Check its permissions.");
  const std::string text = content.str();
  return parse_manifest(text, path.string());
}

}  // namespace ldznet
