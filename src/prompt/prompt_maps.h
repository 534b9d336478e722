#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "ldznet/mask.h"
#include "prompt/parser.h"

namespace ldznet {

/// Turns the probability maps of a picture's phrases into those of its prompts. A phrase's map is kept until the last
/// prompt that needs it is done.
class PromptMaps {
 public:
  /// Receives the map of the prompt number `prompt`.
  using Callback = std::function<void(std::size_t prompt, Probability map)>;

  /// `prompts` must outlive it.
  explicit PromptMaps(const ParsedPrompts& prompts);

  /// Adds the map of the next phrase. `take` receives the maps of all prompts that are complete now, each prompt once
  /// and in their order.
  void add(Probability map, const Callback& take);

 private:
  bool advance();
  void apply(const PromptStep& step);
  Probability phrase(std::size_t number);

  const ParsedPrompts& prompts_;
  std::vector<std::size_t> uses_;   ///< by phrase: how many steps still need its map
  std::vector<Probability> maps_;   ///< by phrase, so far; without values once no step needs it any more
  std::size_t prompt_ = 0;          ///< the first prompt that is not complete
  std::size_t step_ = 0;            ///< its next step
  std::vector<Probability> stack_;  ///< the maps of its steps so far
};

}  // namespace ldznet
