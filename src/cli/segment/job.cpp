#include "cli/segment/job.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/files/atomic_file.h"
#include "base/printable.h"
#include "base/text.h"
#include "cli/process/progress.h"
#include "cli/process/standard_output.h"
#include "cli/process/text_input.h"
#include "cli/segment/prompts.h"
#include "ldznet/error.h"
#include "output/journal.h"
#include "output/output_checks.h"
#include "output/yolo.h"
#include "text/unicode.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// Throws Error(usage) for a prompt that the tokenizer could not read.
void require_utf8(const std::string& prompt) {
  try {
    decode_utf8(prompt);
  } catch (const Error& error) {
    throw Error(error.code(), "the prompt \"" + printable(prompt) + "\" is not valid UTF-8", error.hint());
  }
}

std::vector<std::string> all_prompts(const SegmentCommand& command) {
  std::vector<std::string> prompts = split_prompts(command.prompts);
  if (!command.prompts_file.empty()) {
    const std::vector<std::string> more = prompts_in_lines(read_lines(command.prompts_file, "--prompts-file"));
    if (more.empty() && prompts.empty())
      throw Error(ErrorCode::usage, "--prompts-file " + command.prompts_file + " holds no prompt",
                  "Write one prompt per line into it.");
    prompts.insert(prompts.end(), more.begin(), more.end());
  }
  for (const std::string& prompt : prompts) require_utf8(prompt);
  return without_repetitions(prompts);
}

/// The inputs of the command line and of --list.
std::vector<std::string> all_inputs(const SegmentCommand& command) {
  std::vector<std::string> inputs = command.inputs;
  if (command.list.empty()) return inputs;
  for (const std::string& line : read_lines(command.list, "--list")) {
    if (line == "-")
      throw Error(ErrorCode::usage, "--list " + command.list + " names stdin (-) as a picture",
                  "Write the picture to a file, or put - on the command line.");
    if (!line.empty()) inputs.push_back(line);
  }
  return inputs;
}

fs::path output_of(const SegmentCommand& command) { return command.output.value_or(kDefaultOutput); }

std::vector<std::string> names_of(const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const Input& input : inputs) names.push_back(input.relative);
  return names;
}

/// Plans the run's only file, which goes to `output` (stdout for "-"). Throws Error(usage) when there are several.
void plan_single_file(const fs::path& output, const std::vector<OutputKind>& kinds, SegmentJob& job) {
  if (const auto other = std::find_if(kinds.begin(), kinds.end(), is_for_tools); other != kinds.end())
    throw Error(
        ErrorCode::usage,
        std::string("--save ") + name(*other) + " does not write a picture, so the output cannot be " + output.string(),
        "Name a folder with --output.");
  const bool all_in_one = kinds.front() == OutputKind::labels;
  if (job.instances && !all_in_one)
    throw Error(ErrorCode::usage,
                "--instances writes a file for every region, so the output cannot be " + output.string(),
                "Name a folder with --output.");
  if (job.inputs.size() != 1 || (job.prompts.size() != 1 && !all_in_one) || kinds.size() != 1)
    throw Error(ErrorCode::usage,
                "--output " + output.string() + " is a single file, but " + counted(job.inputs.size(), "picture") +
                    ", " + counted(job.prompts.size(), "prompt") + " and " + counted(kinds.size(), "kind") +
                    " of files make more",
                "Name a folder with --output.");
  if (output != "-") {
    job.plan.emplace(output, kinds.front());
    return;
  }
  if (stdout_is_terminal() && !job.dry_run)
    throw Error(ErrorCode::usage, "--output - writes the bytes of a PNG to stdout, which is a terminal",
                "Redirect it, for example with > mask.png, or name a file with --output.");
  job.stdout_picture = kinds.front();
}

/// Plans the files of each picture: in a folder, as one file, on stdout, or none.
void plan_pictures(const SegmentCommand& command, SegmentJob& job) {
  std::vector<OutputKind> kinds = command.save;
  std::optional<NameTemplate> names;
  if (!command.name.empty()) names.emplace(command.name);
  const bool only_data = kinds.empty() && !command.output && (command.json || !job.run_files.empty());
  if (kinds.empty() && !only_data) kinds.push_back(OutputKind::mask);
  if (names && std::all_of(kinds.begin(), kinds.end(), is_for_tools))
    throw Error(ErrorCode::usage, "--name needs a kind of file that it can name",
                "Add for example --save mask; files for other tools keep their names.");
  if (only_data) return;
  const fs::path output = output_of(command);
  if (output == "-" || is_one_file(output, hint_at_option(output))) {
    if (names) throw Error(ErrorCode::usage, "--name needs a folder as the output, not " + output.string());
    return plan_single_file(output, kinds, job);
  }
  job.plan.emplace(output, names_of(job.inputs), job.prompts, std::move(kinds), std::move(names), job.instances);
  if (job.plan->has(OutputKind::yolo)) job.yolo_folder = output;
}

ResultFormat result_format(const SegmentCommand& command) {
  if (command.output == "-") return ResultFormat::none;
  if (command.json) return *command.json == "-" ? ResultFormat::json : ResultFormat::none;
  if (command.log.quiet) return ResultFormat::none;
  return stdout_is_terminal() ? ResultFormat::table : ResultFormat::tsv;
}

/// The journal's path, next to the run's outputs. A single picture needs a journal only to be resumed.
std::optional<fs::path> journal_for(const SegmentCommand& command, const SegmentJob& job) {
  if (job.inputs.size() < 2 && !command.resume) return std::nullopt;
  if (job.plan && job.plan->single_file()) return journal_beside(*job.plan->single_file());
  if (job.plan) return journal_in(job.plan->root(), command.shard.name());
  if (!job.run_files.empty()) return journal_beside(job.run_files.front().file);
  if (command.resume)
    throw Error(ErrorCode::usage, "--resume needs a file that the run writes, and there is none",
                "Name a folder with --output, or a file with --json=FILE.");
  return std::nullopt;
}

/// Throws Error(usage) when two of the run's files are the same: the later one would replace the other.
void require_distinct(const SegmentJob& job) {
  std::vector<fs::path> files;
  for (const RunFile& planned : job.run_files) files.push_back(planned.file);
  if (job.plan && job.plan->single_file()) files.push_back(*job.plan->single_file());
  std::set<fs::path> seen;
  for (const fs::path& file : files) {
    std::error_code error;
    if (!seen.insert(fs::weakly_canonical(fs::absolute(file), error)).second)
      throw Error(ErrorCode::usage, "two outputs would be written to " + file.string(),
                  "Give each option a file of its own.");
  }
}

/// Keeps only the shard's pictures.
void keep_shard(const Shard& shard, SegmentJob& job) {
  if (shard.count == 1) return;
  const std::vector<std::size_t> own = shard.of(job.inputs.size());
  if (job.plan) job.plan = job.plan->part(own);
  if (job.panoptic) job.panoptic = job.panoptic->part(own);
  std::vector<Input> inputs;
  inputs.reserve(own.size());
  for (const std::size_t k : own) inputs.push_back(std::move(job.inputs[k]));
  job.inputs = std::move(inputs);
}

/// What does not depend on the pictures.
SegmentJob plan_settings(const SegmentCommand& command) {
  SegmentJob job;
  job.prompts = all_prompts(command);
  job.parsed = parse_prompts(job.prompts);
  for (const std::string& phrase : job.parsed.phrases) job.texts.push_back(filled(command.prompt_template, phrase));
  job.model = command.model;
  job.load = command.load;
  job.encode = command.encode;
  job.max_pixels = command.max_pixels;
  job.segment = command.segment;
  job.tiles = command.tiles;
  job.refine = command.refine;
  job.threshold = command.threshold;
  job.min_area = command.min_area;
  job.fill_holes = command.fill_holes;
  job.largest = command.largest;
  job.invert = command.invert;
  job.instances = command.instances;
  job.dry_run = command.dry_run;
  job.resume = command.resume;
  job.replace = command.overwrite || command.resume;
  // Shards leave temporary files alone: others may be at work in the folder, on machines that do not see our locks.
  job.cleans_up = job.replace && command.shard.count == 1;
  job.max_failures = command.max_failures;
  job.progress = progress_wanted(command.log, command.no_progress);
  job.colors = colors_wanted(!command.no_color);
  return job;
}

void plan_outputs(const SegmentCommand& command, SegmentJob& job) {
  job.format = result_format(command);
  job.run_files = planned_run_files(command);
  job.relative_to = command.relative_to;
  job.cutouts.crop = command.crop;
  if (command.background) {
    const auto [red, green, blue] = *command.background;
    job.cutouts.background = Color{red, green, blue};
  }
  job.coco_polygons = command.coco_polygons;
  job.image_prefix = command.image_prefix;
  if (!command.compare.empty())
    job.other_run = std::make_shared<const OtherRun>(command.compare, read_lines(command.compare, "--compare"));
  plan_pictures(command, job);
  if (!command.panoptic.empty())
    job.panoptic.emplace(fs::path(command.panoptic).replace_extension(), names_of(job.inputs), job.prompts,
                         std::vector{OutputKind::panoptic});
  require_distinct(job);
  job.journal = journal_for(command, job);
  // A resumed run may need the run lengths that this one has no use for.
  job.fields = {.counts = command.json || !job.run_files.empty() || job.journal,
                .boxes = command.json && command.boxes,
                .polygons = command.json && command.polygons,
                .simplify = command.simplify.value_or(kDefaultSimplify)};
  keep_shard(command.shard, job);
}

}  // namespace

SegmentJob plan_job(const SegmentCommand& command) {
  SegmentJob job = plan_settings(command);
  job.inputs =
      find_inputs({.paths = all_inputs(command), .recursive = command.recursive, .excluded = output_of(command)});
  plan_outputs(command, job);
  return job;
}

SegmentJob plan_job(const SegmentCommand& command, Input input) {
  SegmentJob job = plan_settings(command);
  job.inputs.push_back(std::move(input));
  plan_outputs(command, job);
  return job;
}

void prepare_outputs(const SegmentJob& job) {
  try {
    for (const auto* plan : {&job.plan, &job.panoptic})
      if (*plan) (*plan)->check_not_existing(job.replace);
    for (const RunFile& planned : job.run_files) check_not_existing(planned.file, job.replace);
  } catch (const Error& error) {
    std::error_code ignored;
    if (job.replace || !job.journal || !fs::exists(*job.journal, ignored)) throw;
    throw Error(error.code(), error.what(),
                "Continue an interrupted run with --resume, or replace its files with --overwrite.");
  }
  if (!job.yolo_folder.empty()) check_yolo_classes(job.yolo_folder);
  if (job.dry_run) return;
  for (const RunFile& planned : job.run_files) check_writable(planned.file.parent_path());
  for (const auto* plan : {&job.panoptic, &job.plan})
    if (*plan) check_writable((*plan)->root());
}

void remove_stale_temporaries(const SegmentJob& job) {
  std::set<fs::path> folders;
  for (const RunFile& planned : job.run_files) folders.insert(planned.file.parent_path());
  for (const auto* plan : {&job.plan, &job.panoptic})
    for (std::size_t picture = 0; *plan && picture < job.inputs.size(); ++picture)
      for (fs::path& folder : (*plan)->folders(picture)) folders.insert(std::move(folder));
  for (const fs::path& folder : folders) ldznet::remove_stale_temporaries(folder.empty() ? fs::path(".") : folder);
}

}  // namespace ldznet::cli
