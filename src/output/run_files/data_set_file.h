#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/files/atomic_file.h"
#include "output/run_files/json_array.h"

namespace ldznet {

/// A COCO data set's JSON file, written without keeping it in memory: images are written as they come, and annotations,
/// which follow all images, wait in a second file. All functions throw Error(cannot_write).
class DataSetFile {
 public:
  /// Pictures are named as seen from the folder `relative_to`; empty: as the user named them.
  DataSetFile(const std::filesystem::path& file, const std::string& description, std::filesystem::path relative_to);

  /// Returns the image's id, counted from 1.
  std::size_t add_image(const std::string& name, int width, int height);

  void add_annotation(const nlohmann::ordered_json& annotation);

  /// Completes the file and moves it into place.
  void finish(const nlohmann::ordered_json& categories);

 private:
  AtomicFile file_;
  Spool annotations_;
  JsonArray image_elements_, annotation_elements_;
  std::filesystem::path relative_to_;
  std::size_t images_ = 0;
};

}  // namespace ldznet
