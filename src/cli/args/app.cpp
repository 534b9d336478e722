#include "cli/args/app.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/paths.h"
#include "cli/args/did_you_mean.h"
#include "cli/args/help.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

using Words = std::vector<std::string>;

template <typename Options, OptionParser (*parser_of)(Options&)>
CommandLine parse(const Words& words) {
  Options command;
  OptionParser parser = parser_of(command);
  if (!parser.parse(words)) return {std::nullopt, parser.help()};
  if constexpr (requires { check(command); }) check(command);
  return {std::move(command), ""};
}

template <typename Options, OptionParser (*parser_of)(Options&)>
std::string summary() {
  Options command;
  return parser_of(command).summary();
}

/// A command, and what its parser gives: a line for the list of commands, and a parsed command line.
struct Row {
  const char* name;
  std::string (*summary)();
  CommandLine (*parse)(const Words& words);
};

template <typename Options, OptionParser (*parser_of)(Options&)>
constexpr Row row(const char* name) {
  return {name, summary<Options, parser_of>, parse<Options, parser_of>};
}

constexpr std::array<Row, 8> kCommands = {{
    row<SegmentCommand, segment_parser>("segment"),
    row<WorkerCommand, worker_parser>("worker"),
    row<EvalCommand, eval_parser>("eval"),
    row<FeaturesCommand, features_parser>("features"),
    row<ProbeCommand, probe_parser>("probe"),
    row<BenchCommand, bench_parser>("bench"),
    row<InfoCommand, info_parser>("info"),
    row<TokenizeCommand, tokenize_parser>("tokenize"),
}};

constexpr std::size_t kColumn = 14;  // where the summaries begin

std::string overview() {
  std::string text =
      "ldznet: segment what a text names in a picture\n\n"
      "Usage: ldznet COMMAND [OPTIONS]\n\n"
      "Commands:\n";
  for (const Row& row : kCommands) text += help_entry(row.name, row.summary(), kColumn);
  return text +
         "\n  -h, --help     Print this help, or after a command the help of that command.\n"
         "  -V, --version  Print the version.\n"
         "\nExamples:\n"
         "  ldznet segment zoo.png --prompt panda\n"
         "  ldznet segment --help\n";
}

/// Whether the word names a picture or a folder of pictures.
bool is_picture(const std::string& word) {
  std::error_code error;
  return has_picture_suffix(word) || std::filesystem::exists(word, error);
}

[[noreturn]] void refuse_command(const std::string& word) {
  if (word.starts_with("-"))
    throw Error(ErrorCode::usage, "missing command before " + word,
                "For example: ldznet segment zoo.png --prompt panda. See ldznet --help.");
  Words names;
  for (const Row& row : kCommands) names.emplace_back(row.name);
  const std::string meant = nearest(word, names);
  std::string hint = meant.empty() ? "" : "Did you mean " + meant + "? ";
  if (meant.empty() && is_picture(word)) hint = "Did you mean ldznet segment " + word + "? ";
  throw Error(ErrorCode::usage, "there is no command \"" + word + "\"", hint + "See ldznet --help.");
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  Words words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return {std::nullopt, overview(), false};
  if (words[0] == "help") words = {words.size() > 1 ? words[1] : "--help", "--help"};  // as many programs have it
  if (words[0] == "-h" || words[0] == "--help") return {std::nullopt, overview()};
  if (words[0] == "-V" || words[0] == "--version") return {std::nullopt, "ldznet " LDZNET_VERSION "\n"};
  for (const Row& row : kCommands)
    if (words[0] == row.name) return row.parse(Words(words.begin() + 1, words.end()));
  refuse_command(words[0]);
}

}  // namespace ldznet::cli
