#include "prompt/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "ldznet/error.h"
#include "support/errors.h"

namespace ldznet {
namespace {

using Strings = std::vector<std::string>;

/// A prompt's steps as text: "panda bear OR +4 bamboo ~2 NOT AND".
std::string steps(const std::string& prompt) {
  const ParsedPrompts parsed = parse_prompts({prompt});
  std::ostringstream text;
  for (const PromptStep& step : parsed.prompts[0].steps) {
    constexpr const char* kSigns[] = {"", "AND", "OR", "NOT", "+", "-", "~", "*", ">"};
    text << (text.str().empty() ? "" : " ") << kSigns[static_cast<int>(step.kind)];
    if (step.kind == PromptStep::Kind::phrase)
      text << "[" << parsed.phrases[step.phrase] << "]";
    else if (step.kind >= PromptStep::Kind::grow)
      text << step.amount;
  }
  return text.str();
}

TEST(PromptParser, APhraseWithoutOperatorsStaysAsItIs) {
  for (const std::string phrase :
       {"bed and breakfast", "rock or sand", "ANDROID phone", "BAND", "5\" pipe", "\"x\"", "AND-gate", "a  b"}) {
    const ParsedPrompts parsed = parse_prompts({phrase});
    EXPECT_EQ(parsed.phrases, Strings{phrase});
    EXPECT_FALSE(parsed.prompts[0].is_expression);
    EXPECT_TRUE(parsed.phrases_of(0).empty());
  }
}

TEST(PromptParser, OperatorsByTheirStrength) {
  EXPECT_EQ(steps("(panda OR bear){+4} AND NOT bamboo{~2}"), "[panda] [bear] OR +4 [bamboo] ~2 NOT AND");
  EXPECT_EQ(steps("a OR b AND c OR d"), "[a] [b] [c] AND OR [d] OR");
  EXPECT_EQ(steps("NOT a AND b"), "[a] NOT [b] AND");
  EXPECT_EQ(steps("NOT (a AND b)"), "[a] [b] AND NOT");
  EXPECT_EQ(steps("NOT NOT a"), "[a] NOT NOT");
  EXPECT_EQ(steps("((a))"), "[a]");
  EXPECT_EQ(steps("a{+1}{-2}{~0.5}{*2}{/4}{>.3}"), "[a] +1 -2 ~0.5 *2 *0.25 >0.3");
  EXPECT_EQ(steps("a { + 3 } AND(b)"), "[a] +3 [b] AND");
}

TEST(PromptParser, PhrasesOfSeveralWordsAndInQuotes) {
  EXPECT_EQ(steps("  black   cat AND a\tred car "), "[black cat] [a red car] AND");
  EXPECT_EQ(steps("\"black AND white\" AND NOT cat"), "[black AND white] [cat] NOT AND");
  EXPECT_EQ(steps("\"(x)\""), "[(x)]");
  EXPECT_EQ(steps(R"("5\" pipe \\ {x} \n" OR 猫)"), R"([5" pipe \ {x} \n] [猫] OR)");
}

TEST(PromptParser, PhrasesAreSharedByAllPrompts) {
  const ParsedPrompts parsed = parse_prompts({"sky", "panda AND sky AND panda", "bear", "NOT panda"});
  EXPECT_EQ(parsed.phrases, (Strings{"sky", "panda", "bear"}));
  EXPECT_EQ(parsed.phrases_of(1), (Strings{"panda", "sky"}));
  EXPECT_EQ(parsed.phrases_of(3), Strings{"panda"});
}

/// A mistake, what the message says and the column of its caret.
struct Mistake {
  const char* prompt;
  const char* words;
  std::size_t column;
};

TEST(PromptParser, MistakesShowTheirPlace) {
  const Mistake mistakes[] = {
      {"panda AND", "a phrase is missing", 9},
      {"panda AND OR b", "a phrase is missing", 10},
      {"AND panda", "a phrase is missing", 0},
      {"NOT", "a phrase is missing", 3},
      {"()", "a phrase is missing", 1},
      {"{+4}", "a phrase is missing", 0},
      {"person (left)", "AND or OR is missing", 7},
      {"a NOT b", "AND or OR is missing", 2},
      {"(a NOT b)", "AND or OR is missing", 3},
      {"a} AND b", "AND or OR is missing", 1},
      {"a) AND b", "\")\" has no \"(\"", 1},
      {"a AND (b OR c", "\"(\" is not closed", 6},
      {"\"a AND b", "the quote is not closed", 0},
      {"a AND \" \"", "the quotes contain no phrase", 6},
      {"a AND 5\" pipe", "do not surround the whole phrase", 7},
      {"(panda|sky) AND x", "| cannot be inside an expression", 6},
      {"a AND b | c", "| cannot be inside an expression", 8},
      {"a{+4", "\"{\" is not closed", 1},
      {"a{}", "there is no such modifier", 2},
      {"a{4}", "there is no such modifier", 2},
      {"a{+}", "a number is missing", 3},
      {"a{+x}", "this is not a number", 3},
      {"a{+4 5}", "this is not a number", 3},
      {"a{+1.5}", "must be a whole number", 3},
      {"a{--1}", "must be from 0 to 1000", 3},
      {"a{+1001}", "must be from 0 to 1000", 3},
      {"a{~nan}", "must be from 0 to 1000", 3},
      {"a{/0}", "must be from 0.000001 to 1000000", 3},
      {"a{>1.5}", "must be from 0 to 1", 3},
      {"猫 AND\t{", "a phrase is missing", 8},  // two columns for the letter, two for \t
  };
  for (const Mistake& mistake : mistakes) {
    const Error error = test::error_of([&] { parse_prompts({"fine", mistake.prompt}); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(mistake.words), std::string::npos)
        << mistake.prompt << ": " << error.what();
    const std::string text = message(error);
    EXPECT_TRUE(text.ends_with("\n  " + std::string(mistake.column, ' ') + "^")) << text;
  }
}

TEST(PromptParser, ALongPromptIsShownAroundTheMistake) {
  std::string prompt;
  for (int k = 0; k < 100; ++k) prompt += "panda" + std::to_string(k) + " OR ";
  prompt += ") OR ";
  for (int k = 0; k < 100; ++k) prompt += "é OR ";
  std::istringstream lines(message(test::error_of([&] { parse_prompts({prompt}); })));
  std::string first, shown, caret;
  std::getline(lines, first) && std::getline(lines, shown) && std::getline(lines, caret);
  EXPECT_TRUE(shown.starts_with("  ...") && shown.ends_with("...")) << shown;
  EXPECT_LT(shown.size(), 130u);
  EXPECT_EQ(shown[caret.size() - 1], ')');
}

TEST(PromptParser, DeepNestingIsRefused) {
  for (const std::string& nested : {std::string(100000, '('), [] {
                                      std::string all;
                                      for (int k = 0; k < 100000; ++k) all += "NOT ";
                                      return all + "a";
                                    }()}) {
    const Error error = test::error_of([&] { parse_prompts({nested}); });
    EXPECT_NE(std::string(error.what()).find("nested"), std::string::npos);
  }
  EXPECT_NO_THROW(parse_prompts({std::string(90, '(') + "a" + std::string(90, ')')}));
}

}  // namespace
}  // namespace ldznet
