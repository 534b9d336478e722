#include "prompt/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/printable.h"
#include "base/text.h"
#include "ldznet/error.h"

namespace ldznet {

namespace {

using Kind = PromptStep::Kind;

constexpr int kDeepest = 100;         // nested parentheses and NOTs; deeper ones could exhaust the stack
constexpr double kMostPixels = 1000;  // of {+N}, {-N} and {~N}
constexpr double kMostOdds = 1e6;     // of {*X} and {/X}
constexpr std::size_t kShown = 50;    // bytes of the prompt that a message shows before and after a mistake
constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr std::string_view kDelimiters = " \t\r\n\v\f(){}\"";  // no part of a word

constexpr const char* kQuoteHint = "Put double quotes around a phrase that contains (, ), {, }, \", AND, OR or NOT.";
constexpr const char* kTermHint = "For example (panda OR bear) AND NOT bamboo.";
constexpr const char* kBarHint = "For either of two things, write OR: (panda OR sky) AND bamboo.";
constexpr const char* kModifierHint =
    "Modifiers are {+N} grow, {-N} shrink, {~N} feather (pixels), {*X} and {/X} odds, {>X} threshold.";

bool is_operator(std::string_view word) { return word == "AND" || word == "OR" || word == "NOT"; }

/// The word that starts at `at`; empty at a delimiter and at the end.
std::string_view word_at(std::string_view text, std::size_t at) {
  return text.substr(at, text.find_first_of(kDelimiters, at) - at);
}

bool has_operator(std::string_view text) {
  if (text.find_first_of("(){}") != std::string_view::npos) return true;
  for (std::size_t at = 0; at < text.size(); at += std::max<std::size_t>(word_at(text, at).size(), 1))
    if (is_operator(word_at(text, at))) return true;
  return false;
}

bool is_inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// The text around a place, and a caret under the place in the line below.
std::string pointed_at(std::string_view text, std::size_t place) {
  std::size_t first = place - std::min(place, kShown), last = std::min(text.size(), place + kShown);
  while (is_inside_character(text, first)) ++first;
  while (is_inside_character(text, last)) ++last;
  const std::string before = (first > 0 ? "..." : "") + printable(text.substr(first, place - first));
  const std::string after = printable(text.substr(place, last - place)) + (last < text.size() ? "..." : "");
  return "\n  " + before + after + "\n  " + std::string(display_width(before), ' ') + "^";
}

/// The phrases of all prompts, numbered.
class PhraseList {
 public:
  std::size_t number(const std::string& phrase) {
    const auto [entry, is_new] = numbers_.try_emplace(phrase, phrases_.size());
    if (is_new) phrases_.push_back(phrase);
    return entry->second;
  }
  std::vector<std::string> take() { return std::move(phrases_); }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::string> phrases_;
};

/// Recursive descent: one function for each level of the grammar, each of which appends its steps.
class Parser {
 public:
  Parser(const std::string& text, PhraseList& phrases) : text_(text), phrases_(phrases) {}

  std::vector<PromptStep> parse() {
    disjunction();
    if (next() == ')') fail(at_, "\")\" has no \"(\"", kQuoteHint);
    if (!at_end()) fail(at_, "AND or OR is missing", kQuoteHint);
    return std::move(steps_);
  }

 private:
  void disjunction() {
    conjunction();
    while (take_operator("OR")) {
      conjunction();
      add(Kind::either);
    }
  }

  void conjunction() {
    negation();
    while (take_operator("AND")) {
      negation();
      add(Kind::both);
    }
  }

  void negation() {
    if (++depth_ > kDeepest)
      fail(at_, "there are more than " + std::to_string(kDeepest) + " nested parentheses and NOTs", kTermHint);
    if (take_operator("NOT")) {
      negation();
      add(Kind::complement);
    } else {
      term();
    }
    --depth_;
  }

  void term() {
    if (next() == '(')
      parenthesized();
    else if (next() == '"')
      add_phrase(quoted());
    else
      add_phrase(bare());
    while (next() == '{') modifier();
  }

  void parenthesized() {
    const std::size_t open = at_++;
    disjunction();
    if (at_end()) fail(open, "\"(\" is not closed", kQuoteHint);
    if (next() != ')') fail(at_, "AND or OR is missing", kQuoteHint);
    ++at_;
  }

  std::string quoted() {
    const std::size_t open = at_++;
    std::string phrase;
    while (true) {
      if (at_ == text_.size()) fail(open, "the quote is not closed", kQuoteHint);
      const char letter = text_[at_++];
      if (letter == '"') break;
      const bool escaped = letter == '\\' && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\\');
      phrase += escaped ? text_[at_++] : letter;
    }
    if (is_blank(phrase)) fail(open, "the quotes contain no phrase", kTermHint);
    return phrase;
  }

  /// Words up to the next operator.
  std::string bare() {
    std::string phrase;
    while (true) {
      skip_blanks();
      const std::string_view word = word_at(text_, at_);
      if (word.empty() || is_operator(word)) break;
      if (const std::size_t bar = word.find('|'); bar != std::string_view::npos)
        fail(at_ + bar, "| cannot be inside an expression", kBarHint);
      phrase += (phrase.empty() ? "" : " ") + std::string(word);
      at_ += word.size();
    }
    if (phrase.empty()) fail(at_, "a phrase is missing", kTermHint);
    if (next() == '"') fail(at_, "the quotes do not surround the whole phrase", kQuoteHint);
    return phrase;
  }

  void modifier() {
    const std::size_t open = at_++, close = text_.find('}', open);
    if (close == std::string_view::npos) fail(open, "\"{\" is not closed", kModifierHint);
    const char sign = next();
    const std::size_t sign_at = at_;
    if (sign != '}') ++at_;
    switch (sign) {
      case '+':
        add(Kind::grow, whole_number(close));
        break;
      case '-':
        add(Kind::shrink, whole_number(close));
        break;
      case '~':
        add(Kind::feather, number(close, 0, kMostPixels));
        break;
      case '*':
        add(Kind::odds, number(close, 1 / kMostOdds, kMostOdds));
        break;
      case '/':
        add(Kind::odds, 1 / number(close, 1 / kMostOdds, kMostOdds));
        break;
      case '>':
        add(Kind::threshold, number(close, 0, 1));
        break;
      default:
        fail(sign_at, "there is no such modifier", kModifierHint);
    }
  }

  double whole_number(std::size_t close) {
    skip_blanks();
    const std::size_t start = at_;
    const double value = number(close, 0, kMostPixels);
    if (value != std::floor(value)) fail(start, "the number of pixels must be a whole number", kModifierHint);
    return value;
  }

  /// Reads the number between here and the closing brace, which is consumed, too.
  double number(std::size_t close, double low, double high) {
    skip_blanks();
    const std::string_view digits = trimmed(text_.substr(at_, close - at_));
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size())
      fail(at_, digits.empty() ? "a number is missing" : "this is not a number", kModifierHint);
    if (!(value >= low && value <= high))
      fail(at_, "the number must be from " + number_text(low) + " to " + number_text(high), kModifierHint);
    at_ = close + 1;
    return value;
  }

  static std::string number_text(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr};
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }

  /// The next character that is not blank; 0 at the end.
  char next() { return at_end() ? '\0' : text_[at_]; }

  bool take_operator(std::string_view name) {
    skip_blanks();
    if (word_at(text_, at_) != name) return false;
    at_ += name.size();
    return true;
  }

  void add(Kind kind, double amount = 0) { steps_.push_back({kind, 0, amount}); }
  void add_phrase(const std::string& phrase) { steps_.push_back({Kind::phrase, phrases_.number(phrase), 0}); }

  [[noreturn]] void fail(std::size_t place, const std::string& problem, const std::string& hint) const {
    throw Error(ErrorCode::usage, "mistake in a prompt: " + problem, hint + pointed_at(text_, place));
  }

  std::string_view text_;
  PhraseList& phrases_;
  std::vector<PromptStep> steps_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

ParsedPrompts parse_prompts(const std::vector<std::string>& prompts) {
  ParsedPrompts parsed;
  PhraseList phrases;
  for (const std::string& prompt : prompts) {
    if (has_operator(prompt))
      parsed.prompts.push_back({true, Parser(prompt, phrases).parse()});
    else
      parsed.prompts.push_back({false, {{Kind::phrase, phrases.number(prompt)}}});
  }
  parsed.phrases = phrases.take();
  return parsed;
}

std::vector<std::string> ParsedPrompts::phrases_of(std::size_t prompt) const {
  std::vector<std::string> own;
  if (!prompts[prompt].is_expression) return own;
  for (const PromptStep& step : prompts[prompt].steps)
    if (step.kind == Kind::phrase && std::find(own.begin(), own.end(), phrases[step.phrase]) == own.end())
      own.push_back(phrases[step.phrase]);
  return own;
}

}  // namespace ldznet
