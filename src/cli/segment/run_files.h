#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "cli/args/segment_options.h"
#include "output/picture_result.h"
#include "output/run_writer.h"

namespace ldznet::cli {

struct SegmentJob;

/// A planned file about the whole run: a COCO data set, a report and so on.
struct RunFile {
  using Maker = std::unique_ptr<RunWriter>(const std::filesystem::path& file, const SegmentJob& job,
                                           const RunMetadata& run);

  std::filesystem::path file;
  const char* kind;  ///< the option that asks for it
  Maker* make;       ///< starts writing it; throws Error(cannot_write)
};

/// The run-wide files that a command asks for; JSON lines on stdout are not among them.
std::vector<RunFile> planned_run_files(const SegmentCommand& command);

/// The writers of a job's combined results: its lines on stdout and its run-wide files. Throws Error(cannot_write).
std::vector<std::unique_ptr<RunWriter>> make_run_writers(const SegmentJob& job, const RunMetadata& run);

}  // namespace ldznet::cli
