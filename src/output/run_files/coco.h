#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "output/run_files/data_set_file.h"
#include "output/run_files/json_array.h"
#include "output/run_writer.h"

namespace ldznet {

/// A run's masks as a COCO data set (images, categories, annotations) that pycocotools' COCO loads. Prompts are
/// categories, ids count from 1, and annotations have an additional "score". Empty masks have no annotation; failed
/// pictures are left out.
class CocoWriter final : public RunWriter {
 public:
  /// `relative_to`: see DataSetFile. `polygons`: write polygons that may stray by so many pixels from the mask's
  /// outline, with holes cut out through bridges; unset: run lengths.
  CocoWriter(const std::filesystem::path& file, std::vector<std::string> prompts, std::filesystem::path relative_to,
             std::optional<double> polygons);

  bool needs_masks() const override { return polygons_.has_value(); }
  void add_mask(std::size_t number, const PromptResult& result, const Mask& mask) override;

  /// Needs the run lengths of the results.
  void add(const PictureResult& picture, const Image* image) override;
  void finish() override;

 private:
  DataSetFile file_;
  std::vector<std::string> prompts_;
  std::optional<double> polygons_;
  std::vector<nlohmann::ordered_json> segmentations_;  ///< polygons of the next picture's masks, by result
  std::size_t annotations_ = 0;
};

/// The same masks as a list of results with scores, for COCO.loadRes on that data set.
class CocoResultsWriter final : public RunWriter {
 public:
  explicit CocoResultsWriter(const std::filesystem::path& file) : file_(file) {}

  /// Needs the run lengths of the results.
  void add(const PictureResult& picture, const Image* image) override;
  void finish() override { file_.finish(); }

 private:
  JsonArrayFile file_;
  std::size_t images_ = 0;
};

}  // namespace ldznet
