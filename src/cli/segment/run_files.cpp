#include "cli/segment/run_files.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/paths.h"
#include "cli/segment/job.h"
#include "cli/segment/printed_results.h"
#include "output/report/report.h"
#include "output/run_files/coco.h"
#include "output/run_files/json_lines_file.h"
#include "output/run_files/label_studio.h"
#include "output/run_files/panoptic.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

using Writer = std::unique_ptr<RunWriter>;

/// A kind of run-wide file: the option that names it and the class that writes it.
struct Row {
  const char* option;                               ///< without dashes
  fs::path (*file)(const SegmentCommand& command);  ///< empty: not asked for
  RunFile::Maker* make;
};

template <std::string SegmentCommand::*Option>
fs::path file_of(const SegmentCommand& command) {
  return command.*Option;
}

fs::path json_file(const SegmentCommand& command) { return command.json && *command.json != "-" ? *command.json : ""; }

/// Beside the tasks.
fs::path label_studio_interface(const SegmentCommand& command) {
  return command.label_studio.empty() ? fs::path() : fs::path(command.label_studio).replace_extension(".xml");
}

/// A new kind is a row here and a class in output/run_files/.
constexpr std::array<Row, 7> kRows = {{
    {"json", json_file,
     [](const fs::path& file, const SegmentJob&, const RunMetadata& run) -> Writer {
       return std::make_unique<JsonLinesFile>(file, run);
     }},
    {"coco", file_of<&SegmentCommand::coco>,
     [](const fs::path& file, const SegmentJob& job, const RunMetadata&) -> Writer {
       return std::make_unique<CocoWriter>(file, job.prompts, job.relative_to,
                                           job.coco_polygons ? std::optional(job.fields.simplify) : std::nullopt);
     }},
    {"coco-results", file_of<&SegmentCommand::coco_results>,
     [](const fs::path& file, const SegmentJob&, const RunMetadata&) -> Writer {
       return std::make_unique<CocoResultsWriter>(file);
     }},
    {"label-studio", file_of<&SegmentCommand::label_studio>,
     [](const fs::path& file, const SegmentJob& job, const RunMetadata& run) -> Writer {
       return std::make_unique<LabelStudioWriter>(file, run, job.image_prefix);
     }},
    {"label-studio", label_studio_interface,
     [](const fs::path& file, const SegmentJob& job, const RunMetadata&) -> Writer {
       return std::make_unique<LabelStudioInterface>(file, job.prompts);
     }},
    {"panoptic", file_of<&SegmentCommand::panoptic>,
     [](const fs::path& file, const SegmentJob& job, const RunMetadata&) -> Writer {
       return std::make_unique<PanopticWriter>(file, job.panoptic->root(), job.prompts, job.relative_to, job.instances);
     }},
    {"report", file_of<&SegmentCommand::report>,
     [](const fs::path& file, const SegmentJob& job, const RunMetadata& run) -> Writer {
       return std::make_unique<ReportWriter>(
           file, run, job.prompts,
           ReportOptions{job.plan && job.plan->has(OutputKind::probability), job.invert, job.other_run});
     }},
}};

/// What writes files of a kind, which people may look for in --output.
struct Way {
  std::string_view suffixes;  ///< each between blanks
  const char* hint;
};

constexpr std::array kWays = {
    Way{" .json ", "--json, --coco, --coco-results, --label-studio and --panoptic write JSON files."},
    Way{" .jsonl .ndjson ", "--json=FILE writes JSON lines."},
    Way{" .html .htm ", "--report writes an HTML page."},
    Way{" .xml ", "--label-studio writes an .xml file beside its tasks."},
    Way{" .yaml .yml ", "--save yolo writes data.yaml into the folder of --output."},
    Way{" .csv .tsv .txt ", "The table on stdout can be redirected into a file."},
};

}  // namespace

std::string hint_at_option(const fs::path& file) {
  const std::string suffix = " " + lower_suffix(file) + " ";
  for (const Way& way : kWays)
    if (way.suffixes.find(suffix) != std::string_view::npos) return way.hint;
  return "";
}

std::vector<RunFile> planned_run_files(const SegmentCommand& command) {
  std::vector<RunFile> files;
  for (const Row& row : kRows)
    if (fs::path file = row.file(command); !file.empty()) files.push_back({std::move(file), row.option, row.make});
  return files;
}

std::vector<Writer> make_run_writers(const SegmentJob& job, const RunMetadata& run) {
  std::vector<Writer> writers;
  if (job.format != ResultFormat::none) writers.push_back(std::make_unique<PrintedResults>(job, run));
  for (const RunFile& planned : job.run_files) writers.push_back(planned.make(planned.file, job, run));
  return writers;
}

}  // namespace ldznet::cli
