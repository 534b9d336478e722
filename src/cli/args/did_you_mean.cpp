#include "cli/args/did_you_mean.h"

#include <algorithm>
#include <cstddef>

namespace ldznet::cli {

namespace {

constexpr std::size_t kLongest = 64;  // letters of a word that is compared

/// Damerau-Levenshtein distance: letters to insert, delete, replace or swap with their neighbour to turn `a` into `b`.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string nearest(const std::string& typed, const std::vector<std::string>& known) {
  constexpr std::size_t kFewest = 3;  // letters
  for (const std::string& word : known)
    if (typed.size() >= kFewest && typed.size() <= kLongest && word.starts_with(typed)) return word;
  return misspelt(typed, known, kFewest);
}

std::string misspelt(const std::string& typed, const std::vector<std::string>& known, std::size_t letters) {
  if (typed.empty() || typed.size() > kLongest) return "";
  std::string best;
  std::size_t least = 0;
  for (const std::string& word : known) {
    const std::size_t slips = distance(typed, word);
    if (slips * letters <= word.size() && (best.empty() || slips < least)) {
      best = word;
      least = slips;
    }
  }
  return best;
}

}  // namespace ldznet::cli
