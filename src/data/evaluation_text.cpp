#include "data/evaluation_text.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace ldznet {

namespace {

using Json = nlohmann::ordered_json;

std::string percent(std::optional<double> share) {
  if (!share) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", *share);
  return text.data();
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string method_row(const std::string& name, const Summary& s) {
  const auto of = [&](double share) { return s.samples > 0 ? percent(100 * share) : "-"; };
  const std::string best = s.samples > 0 ? " (" + percent(100 * threshold_at(s.best())) + ")" : "";
  return row({name, std::to_string(s.samples), of(s.miou[kAtPublished]), of(s.iou_fg[kAtPublished]), of(s.ap),
              of(s.miou[kAtHalf]), of(s.miou[s.best()]) + best, std::to_string(s.absent),
              percent(s.absent_accuracy ? std::optional(100 * *s.absent_accuracy) : std::nullopt)});
}

std::string difference_text(const char* what, const Difference& d) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%s %+.1f (95 %%: %+.1f to %+.1f)", what, 100 * d.value, 100 * d.low,
                100 * d.high);
  return text.data();
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

Json methods_json(const Evaluation& evaluation) {
  Json json = Json::object();
  for (std::size_t m = 0; m < evaluation.methods().size(); ++m)
    json[evaluation.methods()[m]] = summary_json(evaluation.summary(m));
  return json;
}

Json difference_json(const Difference& d) { return {{"value", d.value}, {"low", d.low}, {"high", d.high}}; }

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

std::string evaluation_markdown(const EvaluationFacts& facts, const Evaluation& evaluation, const Groups& groups) {
  std::string text =
      row({"method", "samples", "mIoU", "IoU_FG", "AP", "mIoU at 0.5", "best mIoU (at)", "absent", "absent accuracy"});
  text += "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (std::size_t m = 0; m < evaluation.methods().size(); ++m)
    text += method_row(evaluation.methods()[m], evaluation.summary(m));
  for (const auto& [value, group] : groups)
    for (std::size_t m = 0; m < group.methods().size(); ++m)
      text += method_row(group.methods()[m] + ", " + facts.by + " " + value, group.summary(m));
  for (const PublishedRow& published : published_rows(facts.dataset))
    text += row({std::string("published: ") + published.system, "", percent(published.miou), percent(published.iou_fg),
                 percent(published.ap), "", "", "", ""});
  for (const Comparison& c : evaluation.comparisons())
    text += "\n" + c.second + " against " + c.first + ": " + difference_text("mIoU", c.miou) + ", " +
            difference_text("AP", c.ap) + "\n";
  return text;
}

std::string evaluation_json(const EvaluationFacts& facts, const Evaluation& evaluation, const Groups& groups) {
  Json json{{"schema", "ldznet-eval/1"},
            {"dataset", {{"name", facts.dataset}, {"path", facts.folder}, {"left_out", facts.left_out}}}};
  if (!facts.part.empty()) json["dataset"]["part"] = facts.part;
  if (!facts.model_name.empty())
    json["model"] = {{"name", facts.model_name}, {"version", facts.model_version}, {"sha256", facts.model_sha256}};
  json["timestep"] = facts.timestep ? Json(*facts.timestep) : Json();
  json["seed"] = facts.seed;
  json["draws"] = facts.samples;
  json["methods"] = methods_json(evaluation);
  if (!facts.by.empty()) {
    json["by"] = facts.by;
    json["groups"] = Json::object();
    for (const auto& [value, group] : groups) json["groups"][value] = methods_json(group);
  }
  json["differences"] = Json::array();
  for (const Comparison& c : evaluation.comparisons())
    json["differences"].push_back(
        {{"first", c.first}, {"second", c.second}, {"miou", difference_json(c.miou)}, {"ap", difference_json(c.ap)}});
  json["samples"] = Json::array();
  for (const SampleOutcome& outcome : evaluation.outcomes()) json["samples"].push_back(outcome_json(outcome));
  json["failures"] = Json::array();
  for (const auto& [image, what] : facts.failures) json["failures"].push_back({{"image", image}, {"message", what}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string evaluation_csv(const Evaluation& evaluation) {
  std::string text = "method,threshold,miou,iou_fg,precision,recall\n";
  for (std::size_t m = 0; m < evaluation.methods().size(); ++m) {
    const Summary s = evaluation.summary(m);
    for (std::size_t i = 0; i < kThresholds; ++i) {
      std::array<char, 160> line{};
      std::snprintf(line.data(), line.size(), ",%.2f,%.6f,%.6f,%.6f,%.6f\n", threshold_at(i), s.miou[i], s.iou_fg[i],
                    s.precision[i], s.recall[i]);
      text += evaluation.methods()[m] + line.data();
    }
  }
  return text;
}

}  // namespace ldznet
