#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ldznet {

/// A step in the evaluation of a prompt. Steps work on a stack of probability maps, which has a single map in the end.
struct PromptStep {
  enum class Kind {
    phrase,      ///< push the map of the phrase number `phrase`
    both,        ///< AND: replace the two topmost maps by their minimum
    either,      ///< OR: replace them by their maximum
    complement,  ///< NOT: 1 - p
    grow,        ///< {+N}, `amount` pixels
    shrink,      ///< {-N}, `amount` pixels
    feather,     ///< {~N}, standard deviation of `amount` pixels
    odds,        ///< {*X} and {/X}: odds times `amount`
    threshold,   ///< {>X}: 1 from the probability `amount` on, 0 below
  };

  Kind kind;
  std::size_t phrase = 0;
  double amount = 0;
};

/// A prompt as steps.
struct ParsedPrompt {
  bool is_expression = false;  ///< it holds an operator; otherwise it is a phrase as a whole
  std::vector<PromptStep> steps;
};

/// The prompts of a run and what has to be segmented for them.
struct ParsedPrompts {
  std::vector<ParsedPrompt> prompts;
  std::vector<std::string> phrases;  ///< distinct, in order of their first occurrence in the prompts

  /// The phrases of an expression, distinct and in order of their first occurrence; none for a plain phrase.
  std::vector<std::string> phrases_of(std::size_t prompt) const;
};

/// Parses prompts. From the strongest operator to the weakest:
///
///     "black AND white"    a phrase that contains an operator, in double quotes; \" and \\ stand for " and \ there
///     ( ... )              parentheses
///     panda{+4}{~2}        modifiers of a term, applied from left to right
///     NOT, AND, OR         in upper case
///
/// Throws Error(usage) for a mistake; its message shows the place with a caret.
ParsedPrompts parse_prompts(const std::vector<std::string>& prompts);

}  // namespace ldznet
