#include "cli/segment/printed_results.h"

#include <string>
#include <utility>

#include "base/output_kind.h"
#include "cli/process/standard_output.h"
#include "output/json_lines.h"

namespace ldznet::cli {

namespace {

/// The mask's file, else the first; empty: there is none.
std::string main_file(const NamedFiles& files) {
  for (const auto& [kind, file] : files)
    if (kind == OutputKind::mask) return file;
  return files.empty() ? "" : files.front().second;
}

}  // namespace

PrintedResults::PrintedResults(const SegmentJob& job, RunMetadata run)
    : format_(job.format), instances_(job.instances), run_(std::move(run)), table_(job.colors, job.instances) {
  for (const Input& input : job.inputs) table_.make_room(input.name, "");
  for (const std::string& prompt : job.prompts) table_.make_room("", prompt);
}

void PrintedResults::add(const PictureResult& picture, const Image* /*image*/) {
  if (format_ == ResultFormat::json) return write_stdout(json_line(run_, picture));
  std::string text;
  for (const PromptResult& result : picture.results) {
    const ResultRow row{picture.image,
                        result.prompt,
                        result.score,
                        result.area,
                        main_file(result.files.empty() ? picture.files : result.files),
                        instances_ ? std::optional(result.instance) : std::nullopt};
    if (format_ == ResultFormat::table && !std::exchange(has_title_, true)) text += table_.title();
    text += format_ == ResultFormat::table ? table_.line(row) : tsv_line(row);
  }
  write_stdout(text);
}

}  // namespace ldznet::cli
