// Bundles: a folder with the networks, the vocabulary and a manifest, model.json.
//
//     const std::filesystem::path folder = ldznet::default_bundle_directory();
//     const ldznet::Manifest manifest = ldznet::read_manifest(folder);
//     ldznet::verify_bundle(folder, manifest);
//     std::cout << manifest.name << " " << manifest.version << "\n";
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ldznet {

/// A file of a bundle as its manifest describes it.
struct BundleFile {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< lower-case hex
};

/// The manifest of a bundle, `model.json`; the defaults are the published model's numbers.
struct Manifest {
  std::string name, version, licence;
  std::string sha256;             ///< of model.json, which contains every file's hash: identifies the whole bundle
  int image_area = 384 * 384;     ///< approximate number of pixels of the working image
  int image_multiple = 64;        ///< each side is rounded down to a multiple of this
  int latent_channels = 4;        ///< channels of z
  int latent_factor = 8;          ///< f: pixels per latent cell, along each side
  double latent_scale = 0.18215;  ///< z = scale * posterior mean
  int noise_steps = 1000;         ///< length of the noise schedule
  double beta_start = 0.00085, beta_end = 0.012;  ///< betas = linspace(sqrt(start), sqrt(end), steps)^2
  int timestep = 400;                             ///< default t
  int timestep_low = 300, timestep_high = 500;    ///< the half-open range of t in training
  int text_length = 77;                           ///< tokens a prompt is padded or cut to
  std::string vocab_file, merges_file;            ///< the two files of the byte-pair vocabulary
  bool shared_inputs = false;  ///< a pass gives networks x, z, z_t and t once for all prompts; false: for each prompt
  bool unet_reads_prompt = true;      ///< false: the UNet reads the empty prompt, so all prompts share its features
  std::vector<std::string> taps;      ///< UNet blocks whose features the head reads, in order
  std::vector<std::string> features;  ///< every UNet block that Pipeline::features can return, in order
  double threshold = 0.5;             ///< default probability threshold
  std::vector<std::string> methods;   ///< heads in this bundle: "ldznet", "znet", "rgbnet"
  std::map<std::string, std::string> method_files;  ///< method -> TorchScript file of its head
  std::string default_method;                       ///< the best of them
  std::string precision = "auto";  ///< replaces the precision "auto": "fp32" where narrower types change its masks
  std::string domain;              ///< what it was trained on, as a sentence; empty: not said
  std::map<std::string, std::vector<std::string>> names;  ///< that it was trained on, with synonyms; empty: not limited
  std::string torch_version, dtype;  ///< the PyTorch that exported it; the type of its weights, for example "float16"
  std::map<std::string, BundleFile> files;
};

/// Parses and checks a manifest's text; `name` is its name in messages. Throws Error(bad_config).
Manifest parse_manifest(const std::string& text, const std::string& name);

/// Reads and checks `directory/model.json`, but not the files it names.
/// Throws Error(missing_input) when there is no bundle and Error(bad_config) when the manifest is not usable.
Manifest read_manifest(const std::filesystem::path& directory);

/// Compares the size and sha256 of every file with the manifest. Throws Error(bad_config) naming the file.
void verify_bundle(const std::filesystem::path& directory, const Manifest& manifest);

/// The bundle to use by default: $LDZNET_MODEL, else the one that ships with ldznet, searched for relative to the
/// library and the executable. Throws Error(missing_input) with the places it searched.
std::filesystem::path default_bundle_directory();

}  // namespace ldznet
