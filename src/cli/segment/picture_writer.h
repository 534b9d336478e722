#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "cli/segment/job.h"
#include "cli/segment/settings.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "mask/label_map.h"
#include "output/json_lines.h"
#include "output/label_tools.h"
#include "output/picture_files.h"

namespace ldznet::cli {

/// What becomes of a job's pictures behind the networks, one picture after another: probability -> mask -> files, and
/// the facts that are told of them.
class PictureWriter {
 public:
  PictureWriter(const SegmentJob& job, const RunSettings& settings);

  /// A picture's turn; `image` is null when it could not be read.
  void begin(std::size_t picture, std::shared_ptr<const Image> image);

  /// The map of its next prompt. What goes wrong is kept for the facts; what comes after it is passed over.
  /// Throws OutputClosed.
  void take(std::size_t prompt, Probability probability);

  /// The facts of the picture, with `error` or what went wrong here. `times` are the networks'.
  PictureResult end(const Stages& times, std::optional<Error> error);

 private:
  template <typename Work>
  void guarded(Work&& work);
  void add(std::size_t prompt, Probability probability);
  void write_labels();
  void write_outlines();
  bool is_wanted(OutputKind kind) const;
  bool outlines_wanted() const { return is_wanted(OutputKind::yolo) || is_wanted(OutputKind::labelme); }
  bool labels_wanted() const { return job_.panoptic || is_wanted(OutputKind::labels); }

  const SegmentJob& job_;
  const RunSettings& settings_;
  PictureFiles files_;

  // Of the picture whose turn it is.
  std::size_t picture_ = 0;
  std::shared_ptr<const Image> image_;
  PictureResult facts_;
  LabelMapMaker labels_;
  OutlinedPicture outlined_;
};

/// What is said of a picture for which memory ran out.
Error out_of_memory(const std::string& picture);

}  // namespace ldznet::cli
