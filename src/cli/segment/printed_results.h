#pragma once

#include "cli/segment/job.h"
#include "output/run_writer.h"
#include "output/table.h"

namespace ldznet::cli {

/// A job's results on stdout: JSON lines, tab-separated lines or a table. `add` throws OutputClosed as well.
class PrintedResults final : public RunWriter {
 public:
  /// `job.format` must not be ResultFormat::none.
  PrintedResults(const SegmentJob& job, RunMetadata run);

  void add(const PictureResult& picture, const Image* image) override;
  void finish() override {}

 private:
  ResultFormat format_;
  bool instances_;
  RunMetadata run_;
  AlignedTable table_;
  bool has_title_ = false;
};

}  // namespace ldznet::cli
