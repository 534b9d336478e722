#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/atomic_file.h"

namespace ldznet {

/// A COCO data set's JSON file, of which nothing stays in memory: images are written as they come, annotations, which
/// stand behind them, wait in a file of their own. All throw Error(cannot_write).
class DataSetFile {
 public:
  DataSetFile(const std::filesystem::path& file, const std::string& description);

  /// The image's id, from 1 on.
  std::size_t add_image(const std::string& name, int width, int height);

  void add_annotation(const nlohmann::ordered_json& annotation);

  /// Ends the file, which appears now.
  void finish(const nlohmann::ordered_json& categories);

 private:
  AtomicFile file_;
  Spool annotations_;
  std::size_t images_ = 0;
  bool first_ = true;  ///< of the annotations
};

}  // namespace ldznet
