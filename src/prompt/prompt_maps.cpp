#include "prompt/prompt_maps.h"

#include <utility>

#include "mask/map_operations.h"

namespace ldznet {

namespace {

using Kind = PromptStep::Kind;

Probability pop(std::vector<Probability>& stack) {
  Probability map = std::move(stack.back());
  stack.pop_back();
  return map;
}

/// The result of a step that has a single map.
Probability modified(Probability map, const PromptStep& step) {
  switch (step.kind) {
    case Kind::complement:
      return complement(std::move(map));
    case Kind::grow:
      return grow(map, static_cast<int>(step.amount));
    case Kind::shrink:
      return shrink(map, static_cast<int>(step.amount));
    case Kind::feather:
      return feather(std::move(map), step.amount);
    case Kind::odds:
      return multiply_odds(std::move(map), step.amount);
    case Kind::threshold:
      return decide(map, step.amount);
    default:
      return map;
  }
}

}  // namespace

PromptMaps::PromptMaps(const ParsedPrompts& prompts) : prompts_(prompts), uses_(prompts.phrases.size()) {
  for (const ParsedPrompt& prompt : prompts.prompts)
    for (const PromptStep& step : prompt.steps)
      if (step.kind == Kind::phrase) ++uses_[step.phrase];
}

void PromptMaps::add(Probability map, const Callback& take) {
  maps_.push_back(std::move(map));
  while (prompt_ < prompts_.prompts.size() && advance()) {
    step_ = 0;
    take(prompt_++, pop(stack_));
  }
}

/// Works through the steps of the first prompt that is not complete, as far as its phrases' maps are there. Returns
/// whether the prompt is complete.
bool PromptMaps::advance() {
  const std::vector<PromptStep>& steps = prompts_.prompts[prompt_].steps;
  for (; step_ < steps.size(); ++step_) {
    if (steps[step_].kind == Kind::phrase && steps[step_].phrase >= maps_.size()) return false;
    apply(steps[step_]);
  }
  return true;
}

void PromptMaps::apply(const PromptStep& step) {
  if (step.kind == Kind::phrase) return stack_.push_back(phrase(step.phrase));
  Probability top = pop(stack_);
  if (step.kind == Kind::both)
    top = minimum(std::move(top), pop(stack_));
  else if (step.kind == Kind::either)
    top = maximum(std::move(top), pop(stack_));
  else
    top = modified(std::move(top), step);
  stack_.push_back(std::move(top));
}

Probability PromptMaps::phrase(std::size_t number) {
  return --uses_[number] == 0 ? std::exchange(maps_[number], {}) : maps_[number];
}

}  // namespace ldznet
