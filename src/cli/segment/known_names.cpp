#include "cli/segment/known_names.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/log.h"
#include "base/text.h"
#include "cli/args/did_you_mean.h"

namespace ldznet::cli {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kMostNearest = 3;
constexpr std::size_t kLettersPerSlip = 4;  // "eye" is no slip for "ewe", nor is "cab" short for "cabbage"
constexpr std::size_t kMostWarnings = 100;  // a worker may get millions of phrases

/// Words that may stand before a name without changing the meaning much.
constexpr std::array kBefore = std::to_array<std::string_view>(
    {"a",      "an",         "the",     "one",   "my",      "some",   "all",   "any",    "find",
     "photo",  "photograph", "picture", "image", "drawing", "of",     "red",   "orange", "yellow",
     "green",  "blue",       "purple",  "pink",  "brown",   "black",  "white", "gray",   "grey",
     "golden", "big",        "large",   "huge",  "small",   "little", "tiny",  "old",    "young"});

/// The words in lower case; anything but ASCII letters, digits, hyphens, apostrophes and further bytes of UTF-8 parts
/// them.
Words words_of(std::string_view phrase) {
  Words words(1);
  for (const char character : phrase) {
    const auto byte = static_cast<unsigned char>(character);
    const bool upper = byte >= 'A' && byte <= 'Z', lower = byte >= 'a' && byte <= 'z',
               digit = byte >= '0' && byte <= '9';
    if (upper || lower || digit || byte >= 0x80 || character == '-' || character == '\'')
      words.back() += upper ? static_cast<char>(byte + ('a' - 'A')) : character;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string phrase_of(std::span<const std::string> words) {
  std::string phrase;
  for (const std::string& word : words) phrase += (phrase.empty() ? "" : " ") + word;
  return phrase;
}

/// What the phrase may be the plural of, and the phrase itself.
std::vector<std::string> singulars(const std::string& phrase) {
  std::vector<std::string> found = {phrase};
  const auto without = [&](std::size_t letters) { return phrase.substr(0, phrase.size() - letters); };
  if (phrase.ends_with("ies")) found.push_back(without(3) + "y");
  if (phrase.ends_with("ves")) found.insert(found.end(), {without(3) + "f", without(3) + "fe"});
  if (phrase.ends_with("es")) found.push_back(without(2));
  if (phrase.ends_with("s")) found.push_back(without(1));
  return found;
}

}  // namespace

UnknownNames::UnknownNames(const Manifest& manifest) : model_(manifest.name), count_(manifest.names.size()) {
  for (const auto& [name, synonyms] : manifest.names) {
    known_.insert(phrase_of(words_of(name)));
    for (const std::string& synonym : synonyms) known_.insert(phrase_of(words_of(synonym)));
  }
}

bool UnknownNames::knows(std::string_view phrase) const {
  if (known_.empty()) return true;
  const Words words = words_of(phrase);
  for (std::size_t first = 0; first < words.size(); ++first) {
    const std::vector<std::string> meant = singulars(phrase_of(std::span(words).subspan(first)));
    if (std::ranges::any_of(meant, [&](const std::string& name) { return known_.contains(name); })) return true;
    if (std::ranges::find(kBefore, words[first]) == kBefore.end()) return false;
  }
  return words.empty();
}

std::vector<std::string> UnknownNames::nearest(std::string_view phrase) const {
  std::vector<std::string> found;
  const Words words = words_of(phrase);
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    if (std::ranges::find(kBefore, *word) != kBefore.end()) continue;
    const std::vector<std::string> meant = singulars(*word);
    for (const std::string& name : known_) {
      const Words parts = words_of(name);
      const bool shared = std::ranges::find_first_of(parts, meant) != parts.end();
      if (shared && found.size() < kMostNearest && std::ranges::find(found, name) == found.end()) found.push_back(name);
    }
  }
  if (!found.empty()) return found;
  const std::string similar = misspelt(phrase_of(words), {known_.begin(), known_.end()}, kLettersPerSlip);
  return similar.empty() ? found : std::vector{similar};
}

void UnknownNames::warn(std::span<const std::string> phrases) {
  for (const std::string& phrase : phrases) {
    if (warned_.size() >= kMostWarnings || knows(phrase) || !warned_.insert(phrase).second) continue;
    const std::vector<std::string> parts = split(phrase, ',');
    if (parts.size() > 1 && std::ranges::all_of(parts, [&](const std::string& part) { return knows(part); })) {
      std::string separate;
      for (const std::string& part : parts) separate += (separate.empty() ? "" : "|") + std::string(trimmed(part));
      log::warn("\"" + phrase + "\" is one prompt; for a mask of each name, write \"" + separate + "\"");
      continue;
    }
    const std::vector<std::string> similar = nearest(phrase);
    log::warn("\"" + phrase + "\" is not among the " + std::to_string(count_) + " names that " + model_ + " knows" +
              (similar.empty() ? "" : "; nearest: " + joined(similar)) + " (ldznet info --names lists them)");
  }
}

}  // namespace ldznet::cli
