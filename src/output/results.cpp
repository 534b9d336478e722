#include "output/results.h"

#include <utility>

#include "output/standard_output.h"

namespace ldznet {

namespace {

/// The mask's file, else the first; empty: none.
std::string main_file(const NamedFiles& files) {
  for (const auto& [kind, file] : files)
    if (kind == "mask") return file;
  return files.empty() ? "" : files.front().second;
}

}  // namespace

Results::Results(ResultFormat format, RunMetadata run, const std::filesystem::path& json_file, bool color)
    : format_(format), run_(std::move(run)), table_(color) {
  if (format_ == ResultFormat::json_file) json_file_.emplace(json_file);
}

void Results::add(const PictureResult& picture) {
  if (format_ == ResultFormat::json) write_stdout(json_line(run_, picture));
  if (format_ == ResultFormat::json_file) json_file_->write(json_line(run_, picture));
  if (format_ != ResultFormat::tsv && format_ != ResultFormat::table) return;

  std::string text;
  for (const PromptResult& result : picture.results) {
    const Row row{picture.image, result.prompt, result.score, result.area,
                  main_file(result.files.empty() ? picture.files : result.files)};
    if (format_ == ResultFormat::table && !titled_) {
      text += table_.title();
      titled_ = true;
    }
    text += format_ == ResultFormat::table ? table_.line(row) : tsv_line(row);
  }
  write_stdout(text);
}

void Results::finish() {
  if (json_file_) json_file_->commit();
}

}  // namespace ldznet
