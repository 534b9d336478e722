#pragma once

#include <filesystem>
#include <memory>
#include <string>
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

/// A sentence about the options that write files with this suffix, for people who name one as --output; empty for
/// others.
std::string hint_at_option(const std::filesystem::path& file);

/// The writers of a job's combined results: its lines on stdout and its run-wide files. Throws Error(cannot_write).
std::vector<std::unique_ptr<RunWriter>> make_run_writers(const SegmentJob& job, const RunMetadata& run);

}  // namespace ldznet::cli
