#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ldznet::fuzz {

using Bytes = std::span<const std::byte>;

/// Each target takes arbitrary bytes. It must return a correct result or refuse the input; otherwise it aborts.
void image(Bytes bytes);             ///< a picture file
void prompt(Bytes bytes);            ///< a prompt
void request(Bytes bytes);           ///< a request line of the worker
void bundle_manifest(Bytes bytes);   ///< a bundle's model.json
void dataset_manifest(Bytes bytes);  ///< a line of a data set's manifest.jsonl
void phrasecut(Bytes bytes);         ///< PhraseCut's tasks
void mask(Bytes bytes);              ///< a mask: two bytes for its size, one for its form, then run lengths or polygons
void json_line(Bytes bytes);         ///< a line of the JSON output, as in a journal and in the file of --compare
void journal(Bytes bytes);           ///< a run's journal
void data_yaml(Bytes bytes);         ///< data.yaml of a YOLO data set that gets more classes

/// A target and the name of its corpus, tests/fuzz/corpus/<name>.
struct Target {
  const char* name;
  void (*run)(Bytes bytes);
};

inline constexpr Target kTargets[] = {{"image", image},
                                      {"prompt", prompt},
                                      {"request", request},
                                      {"bundle_manifest", bundle_manifest},
                                      {"dataset_manifest", dataset_manifest},
                                      {"phrasecut", phrasecut},
                                      {"mask", mask},
                                      {"json_line", json_line},
                                      {"journal", journal},
                                      {"data_yaml", data_yaml}};

}  // namespace ldznet::fuzz
