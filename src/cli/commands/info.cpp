#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/decimals.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/printable.h"
#include "base/text.h"
#include "cli/args/help.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "compute/cpu.h"
#include "image/libraries.h"
#include "ldznet/bundle.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

namespace {

using Json = nlohmann::ordered_json;

Json machine_json(const Capabilities& machine) {
  return {{"version", LDZNET_VERSION},         {"torch", machine.torch_version}, {"opencv", opencv_library_version()},
          {"libvips", vips_library_version()}, {"cpu", cpu_features()},          {"devices", machine.devices},
          {"precisions", machine.precisions}};
}

Json bundle_json(const std::filesystem::path& directory, const Manifest& manifest) {
  Json files = Json::object();
  for (const auto& [name, file] : manifest.files) files[name] = {{"bytes", file.bytes}, {"sha256", file.sha256}};
  return {{"path", directory.string()},
          {"name", manifest.name},
          {"version", manifest.version},
          {"licence", manifest.licence},
          {"domain", manifest.domain},
          {"names", manifest.names},
          {"sha256", manifest.sha256},
          {"methods", manifest.methods},
          {"default_method", manifest.default_method},
          {"image", {{"area", manifest.image_area}, {"multiple", manifest.image_multiple}}},
          {"timestep", {{"default", manifest.timestep}, {"range", {manifest.timestep_low, manifest.timestep_high}}}},
          {"text_length", manifest.text_length},
          {"taps", manifest.taps},
          {"features", manifest.features},
          {"threshold", manifest.threshold},
          {"dtype", manifest.dtype},
          {"torch", manifest.torch_version},
          {"files", files},
          {"verified", true}};
}

std::string megabytes(std::uint64_t bytes) { return decimals(static_cast<double>(bytes) / 1e6) + " MB"; }

/// A line of the output: a name and its value.
std::string entry(const std::string& name, const std::string& value) {
  return name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + printable(value) + "\n";
}

std::string machine_text(const Capabilities& machine) {
  const std::vector<std::string> cpu = cpu_features();
  return entry("ldznet", version_text()) + entry("LibTorch", machine.torch_version) +
         entry("OpenCV", opencv_library_version()) + entry("libvips", vips_library_version()) +
         entry("CPU", cpu.empty() ? "without AVX2" : joined(cpu)) + entry("devices", joined(machine.devices)) +
         entry("precisions", joined(machine.precisions));
}

std::string bundle_text(const std::filesystem::path& directory, const Manifest& manifest) {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : manifest.files) bytes += file.bytes;
  return "\n" + entry("bundle", directory.string()) + entry("name", manifest.name + " " + manifest.version) +
         entry("licence", manifest.licence) + (manifest.domain.empty() ? "" : entry("domain", manifest.domain)) +
         entry("names", manifest.names.empty() ? "not limited"
                                               : std::to_string(manifest.names.size()) + " (--names lists them)") +
         entry("methods", joined(manifest.methods) + " (default: " + manifest.default_method + ")") +
         entry("image", "about " + std::to_string(manifest.image_area) + " pixels, sides in multiples of " +
                            std::to_string(manifest.image_multiple)) +
         entry("timestep", std::to_string(manifest.timestep) + " (trained on " + timestep_range_text(manifest) + ")") +
         entry("taps", joined(manifest.taps)) + entry("weights", manifest.dtype + ", " + megabytes(bytes)) +
         entry("sha256", manifest.sha256) + entry("files", std::to_string(manifest.files.size()) + ", all verified");
}

std::string names_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [name, synonyms] : manifest.names)
    text += printable(name) + (synonyms.empty() ? "" : "\t" + printable(joined(synonyms))) + "\n";
  return text;
}

}  // namespace

int run(const InfoCommand& command) {
  const std::string chosen = command.bundle.empty() ? "" : command.bundle.front();
  if (command.names) {
    const Manifest manifest = read_manifest(bundle_folder(chosen));
    if (manifest.names.empty()) log::info(manifest.name + " does not list names: it was not trained on a fixed set");
    write_stdout(names_text(manifest));
    return 0;
  }
  const Capabilities machine = capabilities();
  // Printed before the bundle is looked at, so that it is seen even if the bundle is unusable.
  if (!command.json) write_stdout(machine_text(machine));
  if (command.program_only) return 0;
  const std::filesystem::path directory = bundle_folder(chosen);
  const Manifest manifest = read_manifest(directory);
  verify_bundle(directory, manifest);
  if (!command.json) {
    write_stdout(bundle_text(directory, manifest));
    return 0;
  }
  Json json = machine_json(machine);
  json["bundle"] = bundle_json(directory, manifest);
  write_stdout(json_text(json) + "\n");
  return 0;
}

}  // namespace ldznet::cli
