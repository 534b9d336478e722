#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace ldznet::testing {

/// A whole bundle with tiny networks, in a temporary folder that goes with it. The networks have the shapes of real
/// ones and let every input reach the logits, so that a stage that is left out or fed wrongly changes the answer.
/// Two taps ("a" of z_t's size, "b" of half of it), three methods, 16-token prompts, weights in float16.
class ToyBundle {
 public:
  ToyBundle();
  ~ToyBundle();
  ToyBundle(const ToyBundle&) = delete;
  ToyBundle& operator=(const ToyBundle&) = delete;

  const std::filesystem::path& directory() const { return directory_; }

  /// model.json as it stands, to be changed and given back to save_manifest.
  nlohmann::json manifest() const;
  void save_manifest(const nlohmann::json& manifest) const;

  /// The bytes of a file of the bundle, and a way to replace them without the manifest knowing.
  std::string read(const std::string& file) const;
  void write(const std::string& file, const std::string& bytes) const;

  /// Replaces a file and corrects its size and hash in the manifest.
  void replace(const std::string& file, const std::string& bytes) const;

  /// Replaces a network by one whose methods are this TorchScript text, without weights.
  void replace_network(const std::string& file, const std::string& methods) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ldznet::testing
