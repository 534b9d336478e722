#include "data/evaluation_text.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/decimals.h"
#include "base/json_text.h"

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

std::string percent(std::optional<double> value) { return value ? decimals(*value) : "-"; }

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += " ";
    for (const char letter : cell) line += letter == '|' ? std::string("\\|") : std::string(1, letter);
    line += " |";
  }
  return line + "\n";
}

/// A field of a CSV file, in quotes where it needs them.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

std::string method_row(const std::string& name, const Summary& s) {
  const auto of = [&](double share) { return s.samples > 0 ? percent(100 * share) : "-"; };
  const std::string best = s.samples > 0 ? " (" + percent(100 * threshold_at(s.best())) + ")" : "";
  return row({name, std::to_string(s.samples), of(s.miou[kAtPublished]), of(s.iou_fg[kAtPublished]), of(s.ap),
              of(s.miou[kAtHalf]), of(s.miou[s.best()]) + best, std::to_string(s.absent),
              percent(s.absent_accuracy ? std::optional(100 * *s.absent_accuracy) : std::nullopt)});
}

/// "+1.2" and "+0.3 to +2.1", two cells.
std::vector<std::string> difference_cells(const Difference& d) {
  std::array<char, 32> value{};
  std::array<char, 64> interval{};
  std::snprintf(value.data(), value.size(), "%+.1f", 100 * d.value);
  std::snprintf(interval.data(), interval.size(), "%+.1f to %+.1f", 100 * d.low, 100 * d.high);
  return {value.data(), interval.data()};
}

/// A row for every two methods; `group` stands behind their names.
std::string difference_rows(const EvaluationResult& figures, const std::string& group) {
  std::string rows;
  for (const Comparison& c : figures.comparisons) {
    std::vector<std::string> cells = {c.second + " against " + c.first + group, std::to_string(figures.images)};
    for (const Difference* difference : {&c.miou, &c.ap})
      for (const std::string& cell : difference_cells(*difference)) cells.push_back(cell);
    rows += row(cells);
  }
  return rows;
}

Json at_threshold(const Summary& s, std::size_t index) {
  return {{"threshold", threshold_at(index)}, {"miou", s.miou[index]}, {"iou_fg", s.iou_fg[index]}};
}

Json summary_json(const Summary& s) {
  Json thresholds = Json::array();
  for (std::size_t i = 0; i < kThresholds; ++i) thresholds.push_back(threshold_at(i));
  return {{"samples", s.samples},
          {"absent", s.absent},
          {"miou", s.miou[kAtPublished]},
          {"iou_fg", s.iou_fg[kAtPublished]},
          {"ap", s.ap},
          {"absent_accuracy", s.absent_accuracy ? Json(*s.absent_accuracy) : Json()},
          {"at_0.5", at_threshold(s, kAtHalf)},
          {"at_best", at_threshold(s, s.best())},
          {"curve",
           {{"threshold", thresholds},
            {"miou", s.miou},
            {"iou_fg", s.iou_fg},
            {"precision", s.precision},
            {"recall", s.recall}}}};
}

Json methods_json(const EvaluationResult& figures) {
  Json json = Json::object();
  for (std::size_t m = 0; m < figures.methods.size(); ++m)
    json[figures.methods[m]] = summary_json(figures.summaries[m]);
  return json;
}

Json difference_json(const Difference& d) { return {{"value", d.value}, {"low", d.low}, {"high", d.high}}; }

Json differences_json(const EvaluationResult& figures) {
  Json json = Json::array();
  for (const Comparison& c : figures.comparisons)
    json.push_back({{"first", c.first},
                    {"second", c.second},
                    {"images", figures.images},
                    {"miou", difference_json(c.miou)},
                    {"ap", difference_json(c.ap)}});
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

std::string evaluation_markdown(const EvaluationFacts& facts, const EvaluationResult& figures,
                                const GroupFigures& groups) {
  const auto group_name = [&](const std::string& value) { return ", " + facts.by + " " + value; };
  std::string text =
      row({"method", "samples", "mIoU", "IoU_FG", "AP", "mIoU at 0.5", "best mIoU (at)", "absent", "absent accuracy"});
  text += "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (std::size_t m = 0; m < figures.methods.size(); ++m) text += method_row(figures.methods[m], figures.summaries[m]);
  for (const auto& [value, group] : groups)
    for (std::size_t m = 0; m < group.methods.size(); ++m)
      text += method_row(group.methods[m] + group_name(value), group.summaries[m]);
  for (const PublishedRow& published : published_rows(facts.dataset))
    text += row({std::string("published: ") + published.system, "", percent(published.miou), percent(published.iou_fg),
                 percent(published.ap), "", "", "", ""});
  if (figures.comparisons.empty()) return text;
  text += "\n" + row({"difference", "pictures", "mIoU", "95 % interval", "AP", "95 % interval"});
  text += "| --- | --- | --- | --- | --- | --- |\n" + difference_rows(figures, "");
  for (const auto& [value, group] : groups) text += difference_rows(group, group_name(value));
  return text;
}

std::string evaluation_json(const EvaluationFacts& facts, const EvaluationResult& figures, const GroupFigures& groups,
                            const std::vector<SampleOutcome>& outcomes) {
  Json json{{"schema", "ldznet-eval/1"},
            {"dataset", {{"name", facts.dataset}, {"path", facts.folder}, {"left_out", facts.left_out}}}};
  if (!facts.part.empty()) json["dataset"]["part"] = facts.part;
  if (!facts.model_name.empty())
    json["model"] = {{"name", facts.model_name}, {"version", facts.model_version}, {"sha256", facts.model_sha256}};
  for (const auto& [name, folder] : facts.predictions) json["predictions"][name] = folder;
  json["timestep"] = facts.timestep ? Json(*facts.timestep) : Json();
  json["seed"] = facts.seed;
  json["draws"] = facts.samples;
  json["methods"] = methods_json(figures);
  json["differences"] = differences_json(figures);
  if (!facts.by.empty()) {
    json["by"] = facts.by;
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
  for (const auto& [image, what] : facts.failures) json["failures"].push_back({{"image", image}, {"message", what}});
  return json_text(json) + "\n";
}

std::string evaluation_csv(const EvaluationResult& figures) {
  std::string text = "method,threshold,miou,iou_fg,precision,recall\n";
  for (std::size_t m = 0; m < figures.methods.size(); ++m) {
    const Summary& s = figures.summaries[m];
    for (std::size_t i = 0; i < kThresholds; ++i) {
      std::array<char, 160> line{};
      std::snprintf(line.data(), line.size(), ",%.2f,%.6f,%.6f,%.6f,%.6f\n", threshold_at(i), s.miou[i], s.iou_fg[i],
                    s.precision[i], s.recall[i]);
      text += csv_field(figures.methods[m]) + line.data();
    }
  }
  return text;
}

}  // namespace ldznet
