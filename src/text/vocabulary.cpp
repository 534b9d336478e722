#include "text/vocabulary.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "ldznet/error.h"
#include "text/unicode.h"

namespace ldznet {

namespace {

constexpr const char* kStart = "<|startoftext|>";
constexpr const char* kEnd = "<|endoftext|>";
constexpr const char* kWordEnd = "</w>";

using Ids = std::unordered_map<std::string, std::int32_t>;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& problem) {
  throw Error(ErrorCode::bad_config, file.string() + ": " + problem,
              "A bundle needs vocab.json and merges.txt of one byte-pair vocabulary in CLIP's layout.");
}

[[noreturn]] void fail(const std::filesystem::path& file, std::size_t line, const std::string& problem) {
  fail(file, "line " + std::to_string(line) + ": " + problem);
}

/// Parses a flat object of integers directly into a hash map. Building a document tree of 49,408 nodes would take
/// longer than the rest of loading a tokenizer.
class IdReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  IdReader(const std::filesystem::path& file, std::string_view text) : file_(file), text_(text) {
    ids_.reserve(text.size() / 16);
  }
  Ids take() { return std::move(ids_); }

  bool start_object(std::size_t) override { return std::exchange(inside_, true) ? refuse() : true; }
  bool end_object() override { return true; }
  bool key(string_t& piece) override {
    piece_ = piece;
    return true;
  }
  bool number_unsigned(number_unsigned_t id) override {
    if (!inside_ || id > std::numeric_limits<std::int32_t>::max()) return refuse();
    if (!ids_.emplace(piece_, static_cast<std::int32_t>(id)).second) fail(file_, "\"" + piece_ + "\" occurs twice");
    return true;
  }
  bool number_integer(number_integer_t) override { return refuse(); }
  bool number_float(number_float_t, const string_t&) override { return refuse(); }
  bool null() override { return refuse(); }
  bool boolean(bool) override { return refuse(); }
  bool string(string_t&) override { return refuse(); }
  bool binary(binary_t&) override { return refuse(); }
  bool start_array(std::size_t) override { return refuse(); }
  bool end_array() override { return refuse(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(position, text_.size()));
    fail(file_, static_cast<std::size_t>(std::count(text_.begin(), end, '\n')) + 1, "not valid JSON");
  }

 private:
  bool refuse() const {
    if (!inside_) fail(file_, "must be an object that maps pieces to ids");
    fail(file_, "the id of \"" + piece_ + "\" must be a whole number, 0 or more");
  }

  const std::filesystem::path& file_;
  std::string_view text_;
  bool inside_ = false;
  std::string piece_;
  Ids ids_;
};

Ids read_ids(const NamedText& file) {
  IdReader reader(file.path, file.text);
  nlohmann::json::sax_parse(file.text, &reader);
  return reader.take();
}

/// The symbols of the 256 bytes in a vocabulary: printable Latin-1 characters stand for themselves, the other bytes are
/// U+0100, U+0101, ... in order.
std::array<std::string, 256> byte_symbols() {
  std::array<std::string, 256> symbols;
  char32_t spare = 256;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    symbols[byte] = to_utf8(std::u32string(1, printable ? byte : spare++));
  }
  return symbols;
}

void read_merges(const NamedText& merges, const Ids& ids, Vocabulary& vocabulary) {
  const auto& [file, text] = merges;
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, line_end - at);
    at = line_end + 1;
    ++line_number;
    if (line_number == 1 && line.starts_with("#version")) continue;
    const std::size_t gap = line.find(' ');
    if (gap == 0 || gap >= line.size() - 1 || line.find(' ', gap + 1) != std::string_view::npos)
      fail(file, line_number, "must be two pieces separated by one space");
    const auto id = [&, &file = file](const std::string& piece) {
      const auto found = ids.find(piece);
      if (found == ids.end()) fail(file, line_number, "\"" + piece + "\" is not in the vocabulary");
      return found->second;
    };
    const std::string left(line.substr(0, gap)), right(line.substr(gap + 1));
    const auto rank = static_cast<std::int32_t>(vocabulary.merges.size());
    const auto key = Vocabulary::pair(id(left), id(right));
    if (!vocabulary.merges.emplace(key, Vocabulary::Merge{rank, id(left + right)}).second)
      fail(file, line_number, "this merge occurs twice");
  }
}

}  // namespace

Vocabulary parse_vocabulary(const NamedText& vocab_json, const NamedText& merges_txt) {
  const Ids ids = read_ids(vocab_json);
  const auto special = [&](const char* piece) {
    const auto found = ids.find(piece);
    if (found == ids.end()) fail(vocab_json.path, "has no \"" + std::string(piece) + "\"");
    return found->second;
  };
  Vocabulary vocabulary;
  vocabulary.size = ids.size();
  vocabulary.start = special(kStart);
  vocabulary.end = special(kEnd);
  for (const auto& [piece, id] : ids) vocabulary.largest = std::max(vocabulary.largest, id);
  const auto id_or_end = [&](const std::string& piece) {
    const auto found = ids.find(piece);
    return found == ids.end() ? vocabulary.end : found->second;
  };
  const std::array<std::string, 256> symbols = byte_symbols();
  for (std::size_t byte = 0; byte < symbols.size(); ++byte) {
    vocabulary.bytes[byte] = id_or_end(symbols[byte]);
    vocabulary.last_bytes[byte] = id_or_end(symbols[byte] + kWordEnd);
  }
  vocabulary.merges.reserve(ids.size());
  read_merges(merges_txt, ids, vocabulary);
  return vocabulary;
}

}  // namespace ldznet
