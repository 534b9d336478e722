#include "prompt/prompt_maps.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "mask/map_operations.h"

namespace ldznet {
namespace {

constexpr int kMapWidth = 24, kMapHeight = 16;

/// A phrase's map: smooth and the same whenever it is asked for.
Probability map_of(const std::string& phrase) {
  std::mt19937 random(static_cast<unsigned>(std::hash<std::string>()(phrase)));
  std::uniform_real_distribution<float> values(0, 1);
  Probability map{kMapWidth, kMapHeight, std::vector<float>(kMapWidth * kMapHeight)};
  for (float& value : map.values) value = values(random);
  return map;
}

/// The maps of prompts, in their order.
std::vector<Probability> evaluated(const std::vector<std::string>& prompts) {
  const ParsedPrompts parsed = parse_prompts(prompts);
  PromptMaps maps(parsed);
  std::vector<Probability> results;
  for (const std::string& phrase : parsed.phrases)
    maps.add(map_of(phrase), [&](std::size_t prompt, Probability map) {
      EXPECT_EQ(prompt, results.size());
      results.push_back(std::move(map));
    });
  EXPECT_EQ(results.size(), prompts.size());
  return results;
}

void expect_same(const std::string& one, const std::string& other) {
  const std::vector<Probability> results = evaluated({one, other});
  for (std::size_t i = 0; i < results[0].values.size(); ++i)
    ASSERT_NEAR(results[0].values[i], results[1].values[i], 1e-6) << one << " and " << other;
}

TEST(PromptMaps, LawsOfTheOperators) {
  for (const auto& [one, other] : std::vector<std::pair<std::string, std::string>>{
           {"NOT (a AND b)", "NOT a OR NOT b"},  // De Morgan
           {"NOT (a OR b)", "NOT a AND NOT b"},
           {"a AND a", "a"},  // idempotence
           {"a OR a", "a"},
           {"NOT NOT a", "a"},
           {"a AND b", "b AND a"},
           {"a OR (b AND c)", "(a OR b) AND (a OR c)"},  // distributivity
           {"a AND (a OR b)", "a"},                      // absorption
           {"(a OR b){+3}", "a{+3} OR b{+3}"},           // dilation and maximum commute
           {"NOT a{+3}", "(NOT a){-3}"},                 // duality
           {"a{+3}{-3}{+3}{-3}", "a{+3}{-3}"},           // a closing is idempotent
           {"a{*3}{/3}", "a"},
           {"a{+0}{-0}{~0}{*1}", "a"},
           {"a{>0.4}{>0.9}", "a{>0.4}"},
           {"(a AND b){>0.4}", "a{>0.4} AND b{>0.4}"}})
    expect_same(one, other);
}

TEST(PromptMaps, ATermsThresholdIsThatOfTheMask) {
  const Probability map = map_of("a");
  for (const double threshold : {0.0, 0.1, 0.5, static_cast<double>(map.values[7]), 1.0}) {
    std::ostringstream prompt;
    prompt.precision(17);
    prompt << "a{>" << threshold << "}";
    EXPECT_EQ(apply_threshold(evaluated({prompt.str()})[0], 0.5).pixels, apply_threshold(map, threshold).pixels);
  }
}

TEST(PromptMaps, PromptsAreCompletedInOrderAsSoonAsTheirPhrasesAreThere) {
  const ParsedPrompts parsed = parse_prompts({"a", "a AND b", "a", "NOT c OR a", "b"});
  PromptMaps maps(parsed);
  std::vector<std::size_t> complete;
  const auto take = [&](std::size_t prompt, const Probability& map) {
    complete.push_back(prompt);
    EXPECT_EQ(map.values.size(), static_cast<std::size_t>(kMapWidth * kMapHeight));
  };
  maps.add(map_of("a"), take);
  EXPECT_EQ(complete, (std::vector<std::size_t>{0}));
  maps.add(map_of("b"), take);
  EXPECT_EQ(complete, (std::vector<std::size_t>{0, 1, 2}));
  maps.add(map_of("c"), take);
  EXPECT_EQ(complete, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(PromptMaps, APlainPhraseKeepsItsMap) { EXPECT_EQ(evaluated({"a b"})[0].values, map_of("a b").values); }

}  // namespace
}  // namespace ldznet
