#include "cli/worker/request_errors.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

#include "cli/args/picture_options.h"
#include "cli/args/worker_options.h"

namespace ldznet::cli {

namespace {

using Names = std::set<std::string>;

Names names_of(const OptionParser& parser) {
  Names names;
  for (const OptionHelp& option : parser.description().options) names.insert(option.name);
  return names;
}

const Names& members() {
  static const Names names = [] {
    SegmentCommand command;
    OptionParser parser({.name = "worker"});
    add_picture_options(parser, command);
    return names_of(parser);
  }();
  return names;
}

const Names& worker_options() {
  static const Names names = [] {
    WorkerCommand command;
    return names_of(worker_parser(command));
  }();
  return names;
}

/// The option as requests name it: "min_area" for min-area. Options that no request has keep their dashes.
std::string in_requests(std::string name) {
  if (!members().contains(name)) return "--" + name;
  std::replace(name.begin(), name.end(), '-', '_');
  return "\"" + name + "\"";
}

/// Copies the text with `replacement(name)` for every option in it, such as --min-area.
template <typename Replacement>
std::string with_options(const std::string& text, Replacement&& replacement) {
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz-";
  std::string copy;
  std::size_t at = 0;
  for (std::size_t dashes = text.find("--"); dashes != std::string::npos; dashes = text.find("--", at)) {
    const std::size_t end = std::min(text.find_first_not_of(kLetters, dashes), text.size());
    const bool is_word = end > dashes + 2 && (dashes == 0 || text[dashes - 1] == ' ' || text[dashes - 1] == '(');
    copy += text.substr(at, dashes - at);
    copy += is_word ? replacement(text.substr(dashes + 2, end - dashes - 2)) : text.substr(dashes, end - dashes);
    at = end;
  }
  return copy + text.substr(at);
}

bool has_foreign_option(const std::string& sentence) {
  bool found = false;
  with_options(sentence, [&](const std::string& name) {
    found = found || (!members().contains(name) && !worker_options().contains(name));
    return name;
  });
  return found;
}

}  // namespace

Error in_request_words(const Error& error) {
  std::string problem = error.what();
  if (problem.starts_with("--")) {  // elsewhere it may quote names of files and values, which stay as they are
    const std::size_t end = std::min(problem.find(' '), problem.size());
    problem = in_requests(problem.substr(2, end - 2)) + problem.substr(end);
  }
  const std::string& whole = error.hint();
  const std::size_t quoted = std::min(whole.find('\n'), whole.size());  // the prompt; all before it is our own text
  std::string hint;
  for (std::size_t at = 0; at < quoted;) {
    const std::size_t end = std::min({whole.find(". ", at), whole.find("? ", at), quoted - 1}) + 1;
    const std::string sentence = whole.substr(at, end - at);
    if (!has_foreign_option(sentence)) hint += (hint.empty() ? "" : " ") + with_options(sentence, in_requests);
    at = end + 1;
  }
  return {error.code(), problem, hint + whole.substr(quoted)};
}

}  // namespace ldznet::cli
