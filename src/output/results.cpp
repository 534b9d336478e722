#include "output/results.h"

#include <utility>

#include "base/atomic_file.h"
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

Results::Results(Report report, RunFacts run, std::filesystem::path json_file, bool color)
    : report_(report), run_(std::move(run)), json_file_(std::move(json_file)), table_(color) {}

void Results::add(const PictureFacts& picture) {
  if (report_ == Report::json) write_stdout(json_line(run_, picture));
  if (report_ == Report::json_file) lines_ += json_line(run_, picture);
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
  if (report_ == Report::json_file) write_file(json_file_, lines_);
}

}  // namespace ldznet
