#include "data/evaluation_text.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/decimals.h"
#include "base/json_text.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

/// A number in a table: "63.7", or "-" for no value.
std::string cell(std::optional<double> value) { return value ? decimals(*value) : "-"; }
std::string percent_of(std::optional<double> share) { return share ? decimals(100 * *share) : "-"; }

/// A row of a Markdown table.
std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += " ";
    for (const char letter : cell) line += letter == '|' ? std::string("\\|") : std::string(1, letter);
    line += " |";
  }
  return line + "\n";
}

/// A CSV field, quoted where necessary (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

using Row = std::vector<std::string>;

Row method_row(const std::string& name, const Summary& s) {
  const auto of = [&](double share) { return s.samples > 0 ? cell(100 * share) : "-"; };
  const std::string best = s.samples > 0 ? " (" + cell(100 * threshold_at(s.best())) + ")" : "";
  return {name,
          std::to_string(s.samples),
          of(s.miou[kAtPublished]),
          of(s.iou_fg[kAtPublished]),
          percent_of(s.ap),
          of(s.miou[kAtHalf]),
          of(s.miou[s.best()]) + best,
          std::to_string(s.absent),
          percent_of(s.absent_accuracy)};
}

/// "+1.2" and "+0.3 to +2.1", two cells.
std::vector<std::string> difference_cells(const std::optional<Difference>& difference) {
  if (!difference) return {"-", "-"};
  const Difference& d = *difference;
  return {signed_decimals(100 * d.value), signed_decimals(100 * d.low) + " to " + signed_decimals(100 * d.high)};
}

/// Adds a row for every pair of methods; `group` follows their names.
void add_differences(const EvaluationResult& result, const std::string& group, TextTable& table) {
  for (const Comparison& c : result.comparisons) {
    Row cells = {c.second + " against " + c.first + group, std::to_string(result.images)};
    for (const std::optional<Difference>& difference : {std::optional(c.miou), c.ap})
      for (const std::string& cell : difference_cells(difference)) cells.push_back(cell);
    table.push_back(std::move(cells));
  }
}

/// Adds the published rows. Unless they are about the same samples, a column says what they are about.
void add_published(const EvaluationMetadata& metadata, const EvaluationResult& result, TextTable& table) {
  const std::vector<PublishedRow> rows = published_rows(metadata.dataset);
  if (rows.empty()) return;
  const std::size_t all = published_samples(metadata.dataset);
  const Summary& ours = result.summaries.front();
  const bool same = ours.samples + ours.absent + metadata.left_out == all;
  const std::string split = metadata.dataset == "PhraseCut" ? "PhraseCut's test split" : metadata.dataset;
  if (!same) {
    for (Row& row : table) row.emplace_back();
    table.front().back() = "about";
  }
  for (const PublishedRow& published : rows) {
    Row row = {std::string("published: ") + published.system,
               same ? "" : std::to_string(all),
               cell(published.miou),
               cell(published.iou_fg),
               cell(published.ap),
               "",
               "",
               "",
               ""};
    if (!same) row.push_back("not these samples, but all of " + split);
    table.push_back(std::move(row));
  }
}

std::string markdown(const TextTable& table) {
  std::string text = row(table.front()) + "|";
  for (std::size_t column = 0; column < table.front().size(); ++column) text += " --- |";
  text += "\n";
  for (std::size_t k = 1; k < table.size(); ++k) text += row(table[k]);
  return text;
}

Json at_threshold(const Summary& s, std::size_t index) {
  return {{"threshold", threshold_at(index)}, {"miou", s.miou[index]}, {"iou_fg", s.iou_fg[index]}};
}

Json or_null(std::optional<double> value) { return value ? Json(*value) : Json(); }

Json summary_json(const Summary& s) {
  Json thresholds = Json::array();
  for (std::size_t i = 0; i < kThresholds; ++i) thresholds.push_back(threshold_at(i));
  return {{"samples", s.samples},
          {"absent", s.absent},
          {"miou", s.miou[kAtPublished]},
          {"iou_fg", s.iou_fg[kAtPublished]},
          {"ap", or_null(s.ap)},
          {"absent_accuracy", or_null(s.absent_accuracy)},
          {"at_0.5", at_threshold(s, kAtHalf)},
          {"at_best", at_threshold(s, s.best())},
          {"curve",
           {{"threshold", thresholds},
            {"miou", s.miou},
            {"iou_fg", s.iou_fg},
            {"precision", s.precision},
            {"recall", s.recall}}}};
}

Json methods_json(const EvaluationResult& result) {
  Json json = Json::object();
  for (std::size_t m = 0; m < result.methods.size(); ++m) json[result.methods[m]] = summary_json(result.summaries[m]);
  return json;
}

Json difference_json(const Difference& d) { return {{"value", d.value}, {"low", d.low}, {"high", d.high}}; }

Json differences_json(const EvaluationResult& result) {
  Json json = Json::array();
  for (const Comparison& c : result.comparisons)
    json.push_back({{"first", c.first},
                    {"second", c.second},
                    {"images", result.images},
                    {"miou", difference_json(c.miou)},
                    {"ap", c.ap ? difference_json(*c.ap) : Json()}});
  return json;
}

Json outcome_json(const SampleOutcome& o) {
  Json json{{"id", o.id}, {"image", o.image}, {"phrase", o.phrase}, {"absent", o.absent}};
  if (o.absent) {
    json["finds_nothing"] = o.finds_nothing;
  } else {
    json["iou"] = o.iou;
    json["iou_0.5"] = o.iou_half;
  }
  return json;
}

}  // namespace

std::vector<PublishedRow> published_rows(const std::string& dataset) {
  if (dataset == "PhraseCut")
    return {{"RMI", 21.1, 42.5, {}},
            {"Mask-RCNN Top", 39.4, 47.4, {}},
            {"HulaNet", 41.3, 50.8, {}},
            {"MDETR", 53.7, {}, {}},
            {"GLIPv2-T", 59.4, {}, {}},
            {"CLIPSeg (PC+)", 43.4, 54.7, 76.7},
            {"CLIPSeg (PC, D=128)", 48.2, 56.5, 78.2},
            {"RGBNet", 46.7, 56.2, 77.2},
            {"ZNet", 51.3, 59.0, 78.7},
            {"LD-ZNet", 52.7, 60.0, 78.9}};
  if (dataset == "AIGI")
    return {{"MDETR", 53.4, {}, 63.8},  {"CLIPSeg (PC+)", 56.4, {}, 79.0}, {"SEEM", 57.4, {}, 70.0},
            {"RGBNet", 63.4, {}, 84.1}, {"ZNet", 68.4, {}, 85.0},          {"LD-ZNet", 74.1, {}, 89.6}};
  return {};
}

std::size_t published_samples(const std::string& dataset) {
  if (dataset == "PhraseCut") return 14354;  // phrases of the test split
  if (dataset == "AIGI") return 214;         // labelled objects in 100 images
  return 0;
}

std::vector<TextTable> evaluation_tables(const EvaluationMetadata& metadata, const EvaluationResult& result,
                                         const GroupResults& groups) {
  const auto group_name = [&](const std::string& value) { return ", " + metadata.by + " " + value; };
  TextTable table = {
      {"method", "samples", "mIoU", "IoU_FG", "AP", "mIoU at 0.5", "best mIoU (at)", "absent", "absent accuracy"}};
  for (std::size_t m = 0; m < result.methods.size(); ++m)
    table.push_back(method_row(result.methods[m], result.summaries[m]));
  for (const auto& [value, group] : groups)
    for (std::size_t m = 0; m < group.methods.size(); ++m)
      table.push_back(method_row(group.methods[m] + group_name(value), group.summaries[m]));
  add_published(metadata, result, table);
  if (result.comparisons.empty()) return {table};
  TextTable differences = {{"difference", "pictures", "mIoU", "95 % interval", "AP", "95 % interval"}};
  add_differences(result, "", differences);
  for (const auto& [value, group] : groups) add_differences(group, group_name(value), differences);
  return {table, differences};
}

std::string evaluation_markdown(const std::vector<TextTable>& tables) {
  std::string text;
  for (const TextTable& table : tables) text += (text.empty() ? "" : "\n") + markdown(table);
  return text;
}

std::string evaluation_json(const EvaluationMetadata& metadata, const EvaluationResult& result,
                            const GroupResults& groups, const std::vector<SampleOutcome>& outcomes) {
  Json json{{"schema", "ldznet-eval/1"},
            {"dataset", {{"name", metadata.dataset}, {"path", metadata.folder}, {"left_out", metadata.left_out}}}};
  if (!metadata.part.empty()) json["dataset"]["part"] = metadata.part;
  if (!metadata.model.name.empty()) json["model"] = model_json(metadata.model);
  for (const auto& [name, folder] : metadata.predictions) json["predictions"][name] = folder;
  json["timestep"] = metadata.timestep ? Json(*metadata.timestep) : Json();
  json["seed"] = metadata.seed;
  json["draws"] = metadata.draws;
  json["methods"] = methods_json(result);
  json["differences"] = differences_json(result);
  if (!metadata.by.empty()) {
    json["by"] = metadata.by;
    json["groups"] = json["group_differences"] = Json::object();
    for (const auto& [value, group] : groups) {
      json["groups"][value] = methods_json(group);
      json["group_differences"][value] = differences_json(group);
    }
  }
  json["bootstrap_draws"] = kBootstrapDraws;
  json["samples"] = Json::array();
  for (const SampleOutcome& outcome : outcomes) json["samples"].push_back(outcome_json(outcome));
  json["failures"] = Json::array();
  for (const auto& [image, what] : metadata.failures) json["failures"].push_back({{"image", image}, {"message", what}});
  return json_text(json) + "\n";
}

std::string evaluation_csv(const EvaluationResult& result) {
  std::string text = "method,threshold,miou,iou_fg,precision,recall\n";
  for (std::size_t m = 0; m < result.methods.size(); ++m) {
    const Summary& s = result.summaries[m];
    for (std::size_t i = 0; i < kThresholds; ++i) {
      std::array<char, 160> line{};
      std::snprintf(line.data(), line.size(), ",%.2f,%.6f,%.6f,%.6f,%.6f\n", threshold_at(i), s.miou[i], s.iou_fg[i],
                    s.precision[i], s.recall[i]);
      text += csv_field(result.methods[m]) + line.data();
    }
  }
  return text;
}

}  // namespace ldznet
