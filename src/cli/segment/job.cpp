#include "cli/segment/job.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "base/atomic_file.h"
#include "base/log.h"
#include "cli/process/text_input.h"
#include "cli/segment/prompts.h"
#include "ldznet/error.h"
#include "output/journal.h"
#include "output/label_tools.h"
#include "output/standard_output.h"
#include "output/table.h"
#include "text/unicode.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// Whether the file is there and holds this text.
bool holds(const fs::path& file, const std::string& text) {
  std::ifstream stream(file, std::ios::binary);
  return stream && std::string(std::istreambuf_iterator<char>(stream), {}) == text;
}

/// Throws Error(usage) for a prompt that the tokenizer could not read.
void require_readable(const std::string& prompt) {
  try {
    normalize(prompt);
  } catch (const Error& error) {
    throw Error(error.code(), "the prompt \"" + field(prompt) + "\" is not valid UTF-8", error.hint());
  }
}

std::vector<std::string> all_prompts(const SegmentCommand& command) {
  std::vector<std::string> prompts = split_prompts(command.prompts);
  if (!command.prompts_file.empty()) {
    const std::vector<std::string> more = prompts_in_lines(read_lines(command.prompts_file, "--prompts-file"));
    if (more.empty() && prompts.empty())
      throw Error(ErrorCode::usage, "--prompts-file " + command.prompts_file + " holds no prompt",
                  "Write one a line into it.");
    prompts.insert(prompts.end(), more.begin(), more.end());
  }
  for (const std::string& prompt : prompts) require_readable(prompt);
  return without_repetitions(prompts);
}

std::vector<std::string> all_words(const SegmentCommand& command) {
  std::vector<std::string> words = command.inputs;
  if (command.list.empty()) return words;
  for (const std::string& line : read_lines(command.list, "--list")) {
    if (line == "-")
      throw Error(ErrorCode::usage, "--list " + command.list + " names stdin (-) as a picture",
                  "Write it to a file, or name - on the command line.");
    if (!line.empty()) words.push_back(line);
  }
  return words;
}

std::vector<std::string> names_of(const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  for (const Input& input : inputs) names.push_back(input.relative);
  return names;
}

/// Where the pictures go: a folder, one very file, stdout, or nowhere.
void plan_pictures(const SegmentCommand& command, SegmentJob& job) {
  std::vector<OutputKind> kinds;
  for (const std::string& kind : command.save) kinds.push_back(kind_of(kind));
  const bool only_data = (command.json || !run_files(command).empty()) && kinds.empty() && !command.output;
  if (kinds.empty()) kinds.push_back(OutputKind::mask);
  if (only_data) return;

  const std::string output = command.output.value_or(kDefaultOutput);
  if (output == "-" || is_one_file(output)) {
    if (const auto other = std::find_if(kinds.begin(), kinds.end(), is_for_tools); other != kinds.end())
      throw Error(ErrorCode::usage, std::string("--save ") + name(*other) + " makes no picture for --output " + output,
                  "Name a folder with --output.");
    const bool all_in_one = kinds.front() == OutputKind::labels;
    if (job.inputs.size() != 1 || (job.prompts.size() != 1 && !all_in_one) || kinds.size() != 1)
      throw Error(ErrorCode::usage,
                  "--output " + output + " is one file, and there are " + counted(job.inputs.size(), "picture") + ", " +
                      counted(job.prompts.size(), "prompt") + " and " + counted(kinds.size(), "kind") +
                      " of files to save",
                  "Name a folder with --output.");
    if (output == "-")
      job.stdout_picture = kinds.front();
    else
      job.plan.emplace(output, kinds.front());
    return;
  }
  job.plan.emplace(output, names_of(job.inputs), job.prompts, std::move(kinds));
}

ResultFormat result_format(const SegmentCommand& command) {
  if (command.output == "-") return command.json ? ResultFormat::json_file : ResultFormat::none;
  if (command.json) return *command.json == "-" ? ResultFormat::json : ResultFormat::json_file;
  return stdout_is_terminal() ? ResultFormat::table : ResultFormat::tsv;
}

/// Beside what the run writes. A single picture needs none, unless the run is to go on from it.
std::optional<fs::path> journal_for(const SegmentCommand& command, const SegmentJob& job) {
  if (job.inputs.size() < 2 && !command.resume) return std::nullopt;
  if (job.plan && job.plan->single_file()) return journal_beside(*job.plan->single_file());
  if (job.plan) return journal_in(command.output.value_or(kDefaultOutput), command.shard.name());
  if (command.json && *command.json != "-") return journal_beside(*command.json);
  if (const std::vector<fs::path> files = run_files(command); !files.empty()) return journal_beside(files.front());
  if (command.resume)
    throw Error(ErrorCode::usage, "--resume has no place to go on from, since nothing is written into a file",
                "Name a folder with --output, or a file with --json=FILE.");
  return std::nullopt;
}

/// The files of the whole run, the JSON lines' among them.
std::vector<fs::path> named_files(const SegmentCommand& command, const SegmentJob& job) {
  std::vector<fs::path> files = run_files(command);
  if (job.format == ResultFormat::json_file) files.emplace_back(*command.json);
  return files;
}

/// Throws Error(usage) when two of the run's files are one: the later would replace the other.
void require_distinct(const SegmentCommand& command, const SegmentJob& job) {
  std::vector<fs::path> files = named_files(command, job);
  if (job.plan && job.plan->single_file()) files.push_back(*job.plan->single_file());
  std::set<fs::path> seen;
  for (const fs::path& file : files) {
    std::error_code error;
    if (!seen.insert(fs::weakly_canonical(fs::absolute(file), error)).second)
      throw Error(ErrorCode::usage, "two outputs are to be written to " + file.string(),
                  "Give each option a file of its own.");
  }
}

/// Leaves the pictures of the command's shard.
void keep_shard(const SegmentCommand& command, SegmentJob& job) {
  if (command.shard.count == 1) return;
  const std::vector<std::size_t> own = command.shard.of(job.inputs.size());
  if (job.plan) job.plan = job.plan->part(own);
  if (job.panoptic) job.panoptic = job.panoptic->part(own);
  std::vector<Input> inputs;
  for (const std::size_t k : own) inputs.push_back(std::move(job.inputs[k]));
  job.inputs = std::move(inputs);
}

}  // namespace

SegmentJob plan_job(const SegmentCommand& command) {
  split_prompts(command.prompts);  // mistakes in them are reported before folders are read
  const fs::path output = command.output.value_or(kDefaultOutput);
  return plan_job(command, find_inputs({all_words(command), command.recursive, output}));
}

SegmentJob plan_job(const SegmentCommand& command, std::vector<Input> inputs) {
  SegmentJob job;
  job.prompts = all_prompts(command);
  for (const std::string& prompt : job.prompts) job.texts.push_back(filled(command.prompt_template, prompt));
  job.inputs = std::move(inputs);
  job.format = result_format(command);
  plan_pictures(command, job);
  if (!command.panoptic.empty())
    job.panoptic.emplace(panoptic_folder(command), names_of(job.inputs), job.prompts,
                         std::vector{OutputKind::panoptic});
  require_distinct(command, job);
  job.journal = journal_for(command, job);
  keep_shard(command, job);
  return job;
}

void prepare_outputs(const SegmentJob& job, const SegmentCommand& command) {
  for (const auto* plan : {&job.plan, &job.panoptic})
    if (*plan) (*plan)->check_not_existing(command.overwrite || command.resume);
  for (const fs::path& file : named_files(command, job)) {
    check_not_existing(file, command.overwrite || command.resume);
    if (!command.dry_run) check_writable(file.parent_path());
  }
  if (const fs::path names = names_file(command, job); !names.empty() && !holds(names, yolo_names(job.prompts)))
    check_not_existing(names, command.overwrite || command.resume);
  if (command.dry_run) return;
  if (job.panoptic) check_writable(panoptic_folder(command));
  if (!job.plan) return;
  const auto& file = job.plan->single_file();
  check_writable(file ? file->parent_path() : fs::path(command.output.value_or(kDefaultOutput)));
}

std::vector<fs::path> run_files(const SegmentCommand& command) {
  std::vector<fs::path> files;
  for (const std::string& file :
       {command.coco, command.coco_results, command.label_studio, command.panoptic, command.report})
    if (!file.empty()) files.emplace_back(file);
  return files;
}

fs::path names_file(const SegmentCommand& command, const SegmentJob& job) {
  if (!job.plan || !job.plan->has(OutputKind::yolo)) return {};
  return fs::path(command.output.value_or(kDefaultOutput)) / "data.yaml";
}

fs::path panoptic_folder(const SegmentCommand& command) { return fs::path(command.panoptic).replace_extension(); }

std::string dry_run_text(const SegmentJob& job, std::size_t picture) {
  std::string text;
  const Input& input = job.inputs[picture];
  const auto line = [&](const std::string& prompt, const std::string& kind, const fs::path& file) {
    text += field(input.name) + "\t" + field(prompt) + "\t" + kind + "\t" + field(file.string()) + "\n";
  };
  if (job.panoptic) line("", name(OutputKind::panoptic), job.panoptic->file(picture, OutputKind::panoptic));
  if (!job.plan) return text;
  for (const OutputKind kind : job.plan->kinds()) {
    if (is_of_all_prompts(kind)) {
      line("", name(kind), job.plan->file(picture, kind));
      const fs::path index = kind == OutputKind::labels ? job.plan->label_index(picture) : fs::path();
      if (!index.empty()) line("", "labels_index", index);
      continue;
    }
    for (std::size_t prompt = 0; prompt < job.prompts.size(); ++prompt)
      line(job.prompts[prompt], name(kind), job.plan->file(picture, prompt, kind));
  }
  return text;
}

void remove_stale_temporaries(const SegmentJob& job, const SegmentCommand& command) {
  std::set<fs::path> folders;
  for (const fs::path& file : named_files(command, job)) folders.insert(file.parent_path());
  for (const auto* plan : {&job.plan, &job.panoptic})
    for (std::size_t picture = 0; *plan && picture < job.inputs.size(); ++picture)
      folders.insert((*plan)->folder(picture));
  if (const fs::path names = names_file(command, job); !names.empty()) folders.insert(names.parent_path());
  for (const fs::path& folder : folders) ldznet::remove_stale_temporaries(folder.empty() ? fs::path(".") : folder);
}

}  // namespace ldznet::cli
