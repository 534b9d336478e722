#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "output/run_files/json_array.h"
#include "output/run_writer.h"

namespace ldznet {

/// A run as Label Studio's tasks with predictions, for a project with the labelling interface of LabelStudioInterface.
/// Failed pictures are left out.
class LabelStudioWriter final : public RunWriter {
 public:
  /// `image_prefix`: put before the pictures' names, which are percent-encoded if it begins a URL (http://, https:// or
  /// a path from /).
  LabelStudioWriter(const std::filesystem::path& file, const RunMetadata& run, std::string image_prefix);

  bool needs_masks() const override { return true; }
  void add_mask(std::size_t number, const PromptResult& result, const Mask& mask) override;
  void add(const PictureResult& picture, const Image* image) override;
  void finish() override { file_.finish(); }

 private:
  JsonArrayFile file_;
  std::string model_, image_prefix_;
  std::vector<std::vector<std::uint8_t>> masks_;  ///< brush run lengths of the next picture, by result
};

/// The XML of the labelling interface that the tasks' predictions belong to: brushes for the prompts.
class LabelStudioInterface final : public RunWriter {
 public:
  LabelStudioInterface(const std::filesystem::path& file, std::vector<std::string> prompts)
      : file_(file), prompts_(std::move(prompts)) {}

  void add(const PictureResult& /*picture*/, const Image* /*image*/) override {}
  void finish() override;

 private:
  AtomicFile file_;
  std::vector<std::string> prompts_;
};

}  // namespace ldznet
