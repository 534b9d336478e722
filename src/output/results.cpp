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

Results::Results(Report report, RunFacts run, const std::filesystem::path& json_file, bool color)
    : report_(report), run_(std::move(run)), table_(color) {
  if (report_ == Report::json_file) json_file_.emplace(json_file);
}

void Results::add(const PictureFacts& picture) {
  if (report_ == Report::json) write_stdout(json_line(run_, picture));
  if (report_ == Report::json_file) json_file_->write(json_line(run_, picture));
  if (report_ != Report::tsv && report_ != Report::table) return;

  std::string text;
  for (const ResultFacts& result : picture.results) {
    const Row row{picture.image, result.prompt, result.score, result.area,
                  main_file(result.files.empty() ? picture.files : result.files)};
    if (report_ == Report::table && !titled_) {
      text += table_.title();
      titled_ = true;
    }
    text += report_ == Report::table ? table_.line(row) : tsv_line(row);
  }
  write_stdout(text);
}

void Results::finish() {
  if (json_file_) json_file_->commit();
}

}  // namespace ldznet
