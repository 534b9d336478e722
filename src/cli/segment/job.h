#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/segment_options.h"
#include "cli/segment/inputs.h"
#include "output/plan.h"
#include "output/results.h"

namespace ldznet::cli {

/// Everything about a `segment` run that is known before the first picture is read.
struct SegmentJob {
  std::vector<std::string> prompts;  ///< as the user wrote them, each once
  std::vector<std::string> texts;    ///< what the networks read in their place
  std::vector<Input> inputs;
  std::optional<OutputPlan> plan;            ///< unset: no files are made of pictures
  std::optional<OutputPlan> panoptic;        ///< of the PNGs of the panoptic data set
  std::optional<OutputKind> stdout_picture;  ///< the kind of the one picture that goes to stdout
  ResultFormat format = ResultFormat::tsv;
  std::optional<std::filesystem::path> journal;  ///< unset: there is no use in one
};

/// The files of the whole run, beside those of its pictures: COCO's and the like.
std::vector<std::filesystem::path> run_files(const SegmentCommand& command);

/// The file that tells YOLO's numbers from each other; empty when none is asked for.
std::filesystem::path names_file(const SegmentCommand& command, const SegmentJob& job);

/// The folder of a panoptic data set's PNGs.
std::filesystem::path panoptic_folder(const SegmentCommand& command);

/// Reads prompts and inputs and plans every file. Nothing is written.
/// Throws Error(usage), Error(missing_input), Error(cannot_write) and Interrupted.
SegmentJob plan_job(const SegmentCommand& command);

/// The same for inputs that are known already.
SegmentJob plan_job(const SegmentCommand& command, std::vector<Input> inputs);

/// Throws Error(cannot_write) when a planned file exists and must not be replaced, or a place cannot be written
/// to.
void prepare_outputs(const SegmentJob& job, const SegmentCommand& command);

/// A picture's lines of --dry-run: picture, prompt, kind and file, with tabs between them.
std::string dry_run_text(const SegmentJob& job, std::size_t picture);

/// Removes what runs that were killed have left in the folders that this one writes into.
void remove_stale_temporaries(const SegmentJob& job, const SegmentCommand& command);

}  // namespace ldznet::cli
