#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ldznet {

/// The mask heads that a bundle can hold, best first.
inline constexpr std::array<const char*, 3> kMethods = {"ldznet", "znet", "rgbnet"};

/// What `model.json` says about one file of a bundle.
struct BundleFile {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< lower-case hex
};

/// The manifest of a bundle, `model.json`; the defaults are the published model's numbers.
struct Manifest {
  std::string name, version, licence;
  std::string sha256;             ///< of model.json itself; since that names every file's hash, of the whole bundle
  int image_area = 384 * 384;     ///< pixels the working image has about
  int image_multiple = 64;        ///< each side is floored to a multiple of this
  int latent_channels = 4;        ///< channels of z
  int latent_factor = 8;          ///< f: pixels per latent cell
  double latent_scale = 0.18215;  ///< z = scale * posterior mean
  int noise_steps = 1000;         ///< length of the noise schedule
  double beta_start = 0.00085, beta_end = 0.012;  ///< betas = linspace(sqrt(start), sqrt(end), steps)^2
  int timestep = 400;                             ///< default t
  int timestep_low = 300, timestep_high = 500;    ///< the range t was drawn from in training, half open
  int text_length = 77;                           ///< tokens a prompt is padded or cut to
  std::string vocab_file, merges_file;            ///< the byte-pair vocabulary's two files
  bool unet_reads_prompt = true;      ///< false: features are taken with the empty prompt, once for all prompts
  std::vector<std::string> taps;      ///< UNet blocks whose features the head reads, in order
  std::vector<std::string> features;  ///< every block `all_features` answers with, in order
  double threshold = 0.5;             ///< default probability threshold
  std::vector<std::string> methods;   ///< heads in this bundle, of kMethods
  std::map<std::string, std::string> method_files;  ///< method -> the TorchScript file that holds its head
  std::string default_method;                       ///< the best of them
  std::string precision = "auto";    ///< what "auto" means for it: "fp32" where narrower types would change its masks
  std::string torch_version, dtype;  ///< what it was exported with; the weights' type ("float16", ...)
  std::map<std::string, BundleFile> files;
};

/// Reads and checks a manifest's text; `name` is used in messages. Throws Error(bad_config).
Manifest parse_manifest(const std::string& text, const std::string& name);

/// Reads and checks `directory/model.json` (its own form only, not the files it names).
/// Throws Error(missing_input) when there is no bundle there and Error(bad_config) when the manifest is not usable.
Manifest read_manifest(const std::filesystem::path& directory);

/// Compares every file's size and sha256 with the manifest. Throws Error(bad_config) naming the file.
void verify_bundle(const std::filesystem::path& directory, const Manifest& manifest);

/// The bundle to use when none is named: $LDZNET_MODEL, else the one that ships with the program, looked for beside the
/// library and the executable. Throws Error(missing_input) saying where it looked.
std::filesystem::path default_bundle_directory();

}  // namespace ldznet
