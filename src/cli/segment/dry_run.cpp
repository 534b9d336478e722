#include "cli/segment/dry_run.h"

#include <filesystem>

#include "base/log.h"
#include "base/printable.h"
#include "cli/process/standard_output.h"
#include "ldznet/error.h"
#include "output/yolo.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

std::string line(const std::string& picture, const std::string& prompt, const std::string& kind, const fs::path& file) {
  return printable(picture) + "\t" + printable(prompt) + "\t" + kind + "\t" + printable(file.string()) + "\n";
}

}  // namespace

std::string dry_run_text(const SegmentJob& job, std::size_t picture) {
  std::string text;
  const Input& input = job.inputs[picture];
  if (input.missing) return text;
  const auto add = [&](const std::string& prompt, const std::string& kind, const fs::path& file) {
    text += line(input.name, prompt, kind, file);
  };
  if (job.panoptic) add("", name(OutputKind::panoptic), job.panoptic->file(picture, OutputKind::panoptic));
  if (!job.plan) return text;
  for (const OutputKind kind : job.plan->kinds()) {
    if (is_of_all_prompts(kind)) {
      add("", name(kind), job.plan->file(picture, kind));
      continue;
    }
    for (std::size_t prompt = 0; prompt < job.prompts.size(); ++prompt)
      add(job.prompts[prompt], name(kind), job.plan->file(picture, prompt, kind, "*"));
  }
  return text;
}

std::string dry_run_text(const SegmentJob& job) {
  std::string text;
  for (const RunFile& planned : job.run_files) text += line("", "", planned.kind, planned.file);
  if (!job.yolo_folder.empty()) text += line("", "", name(OutputKind::yolo), yolo_names_file(job.yolo_folder));
  return text;
}

int dry_run(const SegmentJob& job) {
  bool misses = false;
  for (std::size_t picture = 0; picture < job.inputs.size(); ++picture) {
    const Input& input = job.inputs[picture];
    if (input.missing) log::error(message(no_such_file(input)));
    misses = misses || input.missing;
    write_stdout(dry_run_text(job, picture));
  }
  write_stdout(dry_run_text(job));
  if (!misses) return 0;
  return job.inputs.size() == 1 ? static_cast<int>(ErrorCode::missing_input) : 1;  // as the run itself
}

}  // namespace ldznet::cli
