#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "support/temporary_folder.h"

namespace ldznet::test {

/// A complete bundle with tiny networks, in a temporary folder. The networks have the interfaces of real ones, and
/// every input affects the logits, so that a skipped stage or a wrong input changes the result. Two taps ("a" of z_t's
/// size, "b" of half its size), three methods, 16-token prompts, weights in float16.
class ToyBundle {
 public:
  ToyBundle();

  const std::filesystem::path& directory() const { return folder_.path(); }

  /// The current model.json, and a way to change it.
  nlohmann::json manifest() const;
  void save_manifest(const nlohmann::json& manifest) const;

  /// The bytes of a file of the bundle, and a way to replace them without updating the manifest.
  std::string read(const std::string& file) const;
  void write(const std::string& file, const std::string& bytes) const;

  /// Replaces a file and updates its size and hash in the manifest.
  void replace(const std::string& file, const std::string& bytes) const;

  /// Replaces a network by one with these methods, in TorchScript.
  void replace_network(const std::string& file, const std::string& methods) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace ldznet::test
