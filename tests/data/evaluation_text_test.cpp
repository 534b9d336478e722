#include "data/evaluation_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ldznet {
namespace {

/// Two methods on one sample that only the second finds, grouped by its kind.
GroupedEvaluation evaluation() {
  static const Sample sample{"7", "a.png", "red car", {}, {{"kind", "thing"}}};
  GroupedEvaluation evaluation({"a|b", "other, \"new\""}, {"kind"});
  const Mask truth{1, 1, {1}};
  evaluation.add_image({&sample}, {{count_pixels({1, 1, {0}}, truth)}, {count_pixels({1, 1, {1}}, truth)}});
  return evaluation;
}

EvaluationMetadata metadata() {
  EvaluationMetadata metadata;
  metadata.dataset = "AIGI";
  metadata.folder = "sets/AIGI";
  metadata.by = "kind";
  metadata.predictions = {{"a|b", "there"}};
  metadata.failures = {{"b.png", "bro\xfeken"}};
  return metadata;
}

TEST(EvaluationText, MarkdownHasARowForEveryMethodGroupAndPublishedSystem) {
  const GroupedEvaluation made = evaluation();
  const std::string table =
      evaluation_markdown(evaluation_tables(metadata(), made.all().result(), made.group_results()));
  for (const char* row :
       {"| a\\|b | 1 | 0.0 | 0.0 | - | 0.0 | 0.0 (2.0) | 0 | - |  |\n",
        "| other, \"new\", kind thing | 1 | 50.0 | 50.0 |",
        "| published: LD-ZNet | 214 | 74.1 | - | 89.6 |  |  |  |  | not these samples, but all of AIGI |\n",
        "| other, \"new\" against a\\|b | 1 | +50.0 | +50.0 to +50.0 |",
        "| other, \"new\" against a\\|b, kind thing | 1 | +50.0 |"})
    EXPECT_NE(table.find(row), std::string::npos) << row << "\n" << table;
}

TEST(EvaluationText, PublishedRowsStandBesideOursOnlyForTheSameSamples) {
  const GroupedEvaluation made = evaluation();
  EvaluationMetadata of_all = metadata();
  of_all.left_out = published_samples("AIGI") - 1;
  const TextTable table = evaluation_tables(of_all, made.all().result(), {}).front();
  EXPECT_EQ(table.front().back(), "absent accuracy");
  EXPECT_EQ(table.back(), (std::vector<std::string>{"published: LD-ZNet", "", "74.1", "-", "89.6", "", "", "", ""}));
  of_all.dataset = "PhraseCut";
  EXPECT_EQ(evaluation_tables(of_all, made.all().result(), {}).front().back().back(),
            "not these samples, but all of PhraseCut's test split");
}

TEST(EvaluationText, JsonHoldsEverything) {
  const GroupedEvaluation made = evaluation();
  const std::string text =
      evaluation_json(metadata(), made.all().result(), made.group_results(), made.all().outcomes());
  EXPECT_TRUE(text.ends_with("}\n"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["schema"], "ldznet-eval/1");
  EXPECT_EQ(json["dataset"]["path"], "sets/AIGI");
  EXPECT_FALSE(json["dataset"].contains("part"));
  EXPECT_FALSE(json.contains("model")) << "only other systems' predictions";
  EXPECT_TRUE(json["timestep"].is_null());
  EXPECT_EQ(json["draws"], 1);
  EXPECT_EQ(json["methods"]["other, \"new\""]["at_best"]["miou"], 0.5);
  EXPECT_EQ(json["methods"]["a|b"]["curve"]["threshold"].size(), kThresholds);
  EXPECT_EQ(json["differences"][0]["miou"]["value"], 0.5);
  EXPECT_EQ(json["groups"]["thing"]["a|b"]["samples"], 1);
  EXPECT_EQ(json["samples"][0]["iou_0.5"], (std::vector<double>{0, 0.5}));
  EXPECT_EQ(json["failures"][0]["message"], "bro\uFFFDken");
}

TEST(EvaluationText, CsvQuotesNames) {
  const std::string csv = evaluation_csv(evaluation().all().result());
  EXPECT_TRUE(csv.starts_with("method,threshold,miou,iou_fg,precision,recall\na|b,0.02,0.000000,"));
  EXPECT_NE(csv.find("\n\"other, \"\"new\"\"\",0.98,0.500000,0.500000,0.500000,0.500000\n"), std::string::npos);
}

TEST(EvaluationText, OtherDataSetsHaveNoPublishedRows) {
  EXPECT_EQ(published_rows("PhraseCut").size(), 10U);
  EXPECT_TRUE(published_rows("zoo").empty());
}

}  // namespace
}  // namespace ldznet
