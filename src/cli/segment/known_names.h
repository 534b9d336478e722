#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ldznet/bundle.h"

namespace ldznet::cli {

/// Warns about phrases that a bundle with a fixed set of names was not trained on: once about each, and about the first
/// hundred only.
class UnknownNames {
 public:
  explicit UnknownNames(const Manifest& manifest);

  /// Logs a warning for each phrase that is unknown, with the nearest names.
  void warn(std::span<const std::string> phrases);

  /// Whether the phrase is a name or synonym, in any case, in the plural too, with or without an article, a colour or
  /// size, and "a photo of" and the like before it. Everything is known to a bundle without names.
  bool knows(std::string_view phrase) const;

  /// Up to three known names that are most like the phrase: those that share its words, the last one first, else the
  /// one with the fewest typing errors. Not by the text encoder: what it says of words that it was not trained on has
  /// no meaning.
  std::vector<std::string> nearest(std::string_view phrase) const;

 private:
  std::string model_;
  std::size_t count_ = 0;         ///< of names, without synonyms
  std::set<std::string> known_;   ///< names and synonyms
  std::set<std::string> warned_;  ///< phrases that were warned about
};

}  // namespace ldznet::cli
