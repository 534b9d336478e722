#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "cli/segment/job.h"
#include "cli/segment/settings.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "ldznet/refine.h"
#include "mask/label_map.h"
#include "output/label_tools.h"
#include "output/picture_files.h"
#include "output/picture_result.h"
#include "prompt/prompt_maps.h"

namespace ldznet::cli {

/// What happens to one picture of a job after the networks: phrases' probabilities -> prompts' probabilities -> masks
/// -> files and result. Only one prompt's mask is in memory at a time, and only the probabilities that prompts still
/// need.
class PictureWriter {
 public:
  /// Receives every mask that is not empty; see RunWriter::add_mask.
  using MaskCallback = std::function<void(std::size_t number, const PromptResult& result, const Mask& mask)>;

  /// `picture` is the index of the job's input. `job` and `settings` must outlive the writer.
  PictureWriter(const SegmentJob& job, const RunSettings& settings, std::size_t picture,
                std::shared_ptr<const Image> image, MaskCallback on_mask = {});

  /// Adds the probabilities of the job's next phrase and writes the files of the prompts that are complete with it. An
  /// Error is kept for `finish`, and later phrases are ignored. Throws OutputClosed.
  void add(Probability phrase);

  /// Writes the files of all prompts together and returns the picture's result: with `error` if the networks failed,
  /// else with an error of the writer, if any. `times` are the networks' milliseconds. Throws OutputClosed.
  PictureResult finish(const Stages& times, std::optional<Error> error);

 private:
  template <typename Work>
  void attempt(Work&& work);
  Probability refined(const Probability& map);
  void write_prompt(std::size_t prompt, Probability probability);
  void write_instances(std::size_t prompt, const FoundMask& found);
  void write_result(std::size_t prompt, int instance, const FoundMask& found);
  void write_labels();
  void write_outlines();
  bool is_wanted(OutputKind kind) const;
  bool wants_outlines() const { return is_wanted(OutputKind::yolo) || is_wanted(OutputKind::labelme); }
  bool wants_labels() const { return job_.panoptic || is_wanted(OutputKind::labels); }

  const SegmentJob& job_;
  const RunSettings& settings_;
  const std::size_t picture_;
  const std::shared_ptr<const Image> image_;
  const MaskCallback on_mask_;
  const PictureFiles files_;
  std::optional<Refiner> refiner_;  ///< made for the first map, if at all
  PromptMaps maps_;
  PictureResult result_;
  LabelMapMaker labels_;
  OutlinedPicture outlined_;
};

}  // namespace ldznet::cli
