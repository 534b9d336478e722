#pragma once

#include <cstddef>
#include <string>

#include "cli/segment/job.h"

namespace ldznet::cli {

/// The lines of --dry-run for a picture: picture, prompt, kind and file, separated by tabs. Nothing for a picture that
/// does not exist.
std::string dry_run_text(const SegmentJob& job, std::size_t picture);

/// The same for the files about the whole run: picture and prompt are empty, and the kind is the option's name.
std::string dry_run_text(const SegmentJob& job);

/// Prints what a run would write, logs missing pictures as errors, and returns the exit code that the run would have
/// for them.
int dry_run(const SegmentJob& job);

}  // namespace ldznet::cli
