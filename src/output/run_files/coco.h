#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "output/json_lines.h"
#include "output/run_files/data_set_file.h"

namespace ldznet {

/// A run's masks as a COCO data set: images, categories and annotations, as pycocotools' COCO loads it. Prompts are
/// categories; ids count from 1; annotations have a "score", too. A mask without a pixel is no annotation; a picture
/// that failed is left out. All throw Error(cannot_write).
class CocoWriter {
 public:
  CocoWriter(const std::filesystem::path& file, std::vector<std::string> prompts);

  /// Adds one picture's results, with their run lengths.
  void add(const PictureResult& picture);

  /// Ends the file, which appears now.
  void finish();

 private:
  DataSetFile file_;
  std::vector<std::string> prompts_;
  std::size_t annotations_ = 0;
};

/// The same as a list of results, as COCO.loadRes takes it for that data set.
class CocoResultsWriter {
 public:
  explicit CocoResultsWriter(const std::filesystem::path& file) : file_(file) { file_.write("["); }
  void add(const PictureResult& picture);
  void finish();

 private:
  AtomicFile file_;
  std::size_t images_ = 0;
  bool first_ = true;
};

}  // namespace ldznet
