#include "text/tokenizer.h"

#include <algorithm>
#include <array>
#include <queue>
#include <string_view>
#include <utility>

#include "ldznet/error.h"
#include "text/unicode.h"

namespace ldznet {

namespace {

constexpr std::u32string_view kStart = U"<|startoftext|>";
constexpr std::u32string_view kEnd = U"<|endoftext|>";
constexpr std::array<std::u32string_view, 7> kContractions = {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};

/// The length of the word at the front of `text`, which is not empty: a contraction, a run of letters, one digit, a run
/// of other characters, or one white-space character (not a word). Implements CLIP's pattern
/// 's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
std::size_t word_length(std::u32string_view text) {
  for (const std::u32string_view contraction : kContractions)
    if (text.starts_with(contraction)) return contraction.size();
  const CharacterKind first = kind(text.front());
  if (first == CharacterKind::number || first == CharacterKind::space) return 1;
  return std::find_if(text.begin(), text.end(), [&](char32_t c) { return kind(c) != first; }) - text.begin();
}

/// Where the next special token, written out in the prompt, begins in `text`; its size when there is none.
std::size_t find_special(std::u32string_view text) {
  for (std::size_t at = text.find(U'<'); at < text.size(); at = text.find(U'<', at + 1))
    if (text.substr(at).starts_with(kStart) || text.substr(at).starts_with(kEnd)) return at;
  return text.size();
}

/// A piece of a word during merging: a node of a doubly linked list by index.
struct Link {
  std::int32_t piece;
  int previous, next;  ///< -1 at the ends
};

/// A merge that was possible when it was queued.
struct Candidate {
  Vocabulary::Merge merge;
  int at;                    ///< index of the left piece
  std::int32_t left, right;  ///< the pieces when it was queued

  /// Orders a priority queue by lowest rank first, then leftmost position first.
  bool operator<(const Candidate& other) const {
    return std::pair(merge.rank, at) > std::pair(other.merge.rank, other.at);
  }
};

/// Appends the pieces of one word, given as byte pieces: merges the neighbours of lowest rank until no merge applies.
/// Takes O(n log n) time, also for very long words.
void merge_word(const Vocabulary& vocabulary, const std::vector<std::int32_t>& bytes, std::vector<std::int64_t>& out) {
  std::vector<Link> links;
  for (int i = 0; i < static_cast<int>(bytes.size()); ++i) links.push_back({bytes[i], i - 1, i + 1});
  links.back().next = -1;

  std::priority_queue<Candidate> queue;
  const auto consider = [&](int at) {
    if (at < 0 || links[at].next < 0) return;
    const std::int32_t left = links[at].piece, right = links[links[at].next].piece;
    const auto found = vocabulary.merges.find(Vocabulary::pair(left, right));
    if (found != vocabulary.merges.end()) queue.push({found->second, at, left, right});
  };
  for (int i = 0; i < static_cast<int>(links.size()); ++i) consider(i);

  constexpr std::int32_t kGone = -1;
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Link& left = links[best.at];
    if (left.piece != best.left || left.next < 0 || links[left.next].piece != best.right) continue;
    Link& right = links[left.next];
    left.piece = best.merge.piece;
    left.next = right.next;
    if (right.next >= 0) links[right.next].previous = best.at;
    right.piece = kGone;
    consider(left.previous);
    consider(best.at);
  }
  for (const Link& link : links)
    if (link.piece != kGone) out.push_back(link.piece);
}

}  // namespace

Tokenizer::Tokenizer(Vocabulary vocabulary, int length) : vocabulary_(std::move(vocabulary)), length_(length) {}

Tokenizer Tokenizer::of_bundle(const std::filesystem::path& bundle, const Manifest& manifest, OnMismatch on_mismatch) {
  const VerifiedFile vocab(bundle, manifest.vocab_file, manifest, {.on_mismatch = on_mismatch});
  const VerifiedFile merges(bundle, manifest.merges_file, manifest, {.on_mismatch = on_mismatch});
  Tokenizer tokenizer = parse({bundle / manifest.vocab_file, vocab.text()},
                              {bundle / manifest.merges_file, merges.text()}, manifest.text_length);
  vocab.require_unchanged();
  merges.require_unchanged();
  return tokenizer;
}

Tokenizer Tokenizer::parse(const NamedText& vocab_json, const NamedText& merges_txt, int length) {
  if (length < 2)
    throw Error(ErrorCode::bad_config,
                "a text length of " + std::to_string(length) + " is too short for a start and an end token",
                "CLIP uses 77.");
  return {parse_vocabulary(vocab_json, merges_txt), length};
}

std::vector<std::int64_t> Tokenizer::pieces(const std::string& prompt) const {
  const std::u32string normal = normalize(prompt);
  std::vector<std::int64_t> ids;
  std::vector<std::int32_t> bytes;
  for (std::u32string_view rest = normal; !rest.empty();) {
    // A word never extends into a special token, so find the next one first.
    std::u32string_view part = rest.substr(0, find_special(rest));
    rest.remove_prefix(part.size());
    for (std::size_t taken = 0; !part.empty(); part.remove_prefix(taken)) {
      taken = word_length(part);
      if (kind(part.front()) == CharacterKind::space) continue;
      const std::string word = to_utf8(part.substr(0, taken));
      bytes.clear();
      for (const char c : word) bytes.push_back(vocabulary_.bytes[static_cast<unsigned char>(c)]);
      bytes.back() = vocabulary_.last_bytes[static_cast<unsigned char>(word.back())];
      merge_word(vocabulary_, bytes, ids);
    }
    if (rest.empty()) break;
    const bool is_start = rest.starts_with(kStart);
    ids.push_back(is_start ? vocabulary_.start : vocabulary_.end);
    rest.remove_prefix((is_start ? kStart : kEnd).size());
  }
  return ids;
}

std::vector<std::int64_t> Tokenizer::encode(const std::string& prompt, bool* truncated) const {
  std::vector<std::int64_t> ids = pieces(prompt);
  const auto most = static_cast<std::size_t>(length_ - 2);  // without start and end token
  if (truncated != nullptr) *truncated = ids.size() > most;
  ids.resize(std::min(ids.size(), most));
  ids.insert(ids.begin(), vocabulary_.start);
  ids.resize(static_cast<std::size_t>(length_), vocabulary_.end);
  return ids;
}

}  // namespace ldznet
