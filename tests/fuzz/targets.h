#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ldznet::fuzz {

using Bytes = std::span<const std::byte>;

/// What each target takes is anything at all; a refusal is well, anything else but a right answer ends the program.
void image(Bytes bytes);             ///< a picture's file
void request(Bytes bytes);           ///< a line to the worker
void bundle_manifest(Bytes bytes);   ///< a bundle's model.json
void dataset_manifest(Bytes bytes);  ///< a line of a labelled set's manifest.jsonl

/// A target by the name of its corpus, tests/fuzz/corpus/<name>.
struct Target {
  const char* name;
  void (*run)(Bytes bytes);
};

inline constexpr Target kTargets[] = {{"image", image},
                                      {"request", request},
                                      {"bundle_manifest", bundle_manifest},
                                      {"dataset_manifest", dataset_manifest}};

}  // namespace ldznet::fuzz
