#include "cli/args/app.h"

#include <unistd.h>

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

Words command_names();

/// "Did you mean segment?" after `prefix`, or "" when no known word is similar.
std::string guess(const std::string& typed, const Words& known, const std::string& prefix = "") {
  const std::string word = nearest(typed, known);
  return word.empty() ? "" : "Did you mean " + prefix + word + "?";
}

/// A warning, followed by a guess if there is one.
std::string ignored(const std::string& what, const std::string& why, const std::string& guess) {
  return what + " is ignored, because " + why + "." + (guess.empty() ? "" : " " + guess);
}

/// Warnings about tables of a configuration file that belong to no command.
Words unknown_tables(const std::vector<Setting>& tables) {
  Words warnings;
  const Words known = command_names();
  for (const Setting& table : tables)
    if (std::find(known.begin(), known.end(), table.name) == known.end())
      warnings.push_back(ignored(table.origin + ": the table [" + table.name + "]", "there is no command " + table.name,
                                 guess(table.name, known)));
  return warnings;
}

template <typename Options, OptionParser (*parser_of)(Options&)>
CommandLine parse(const Words& words) {
  Options command;
  OptionParser parser = parser_of(command);
  if (!parser.parse(words)) return {std::nullopt, parser.help()};
  if constexpr (requires { check(command); }) check(command);
  return {std::move(command), "", true, unknown_tables(parser.other_tables())};
}

template <typename Options, OptionParser (*parser_of)(Options&)>
CommandHelp description() {
  Options command;
  return parser_of(command).description();
}

/// A command, and what its parser gives: the texts of its help, and a parsed command line.
struct Row {
  const char* name;
  CommandHelp (*description)();
  CommandLine (*parse)(const Words& words);
};

template <typename Options, OptionParser (*parser_of)(Options&)>
constexpr Row row(const char* name) {
  return {name, description<Options, parser_of>, parse<Options, parser_of>};
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

Words command_names() {
  Words names;
  for (const Row& row : kCommands) names.emplace_back(row.name);
  return names;
}

constexpr std::size_t kColumn = 14;  // where the summaries begin

std::string overview() {
  std::string text =
      "ldznet: segment what a text names in a picture\n\n"
      "Usage: ldznet COMMAND [OPTIONS]\n\n"
      "Commands:\n";
  for (const Row& row : kCommands) text += help_entry(row.name, row.description().text.summary, kColumn);
  return text +
         "\n  -h, --help     Print this help, or after a command the help of that command.\n"
         "  -V, --version  Print the version; with -v also those of the libraries.\n"
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
  std::string hint = guess(word, command_names());
  if (hint.empty() && is_picture(word)) hint = "Did you mean ldznet segment " + word + "?";
  throw Error(ErrorCode::usage, "there is no command \"" + word + "\"",
              hint + (hint.empty() ? "" : " ") + "See ldznet --help.");
}

/// Warnings about LDZNET_* variables that no command reads.
Words unknown_variables() {
  const std::string prefix = variable_name("");
  Words set, known, warnings;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (const std::string text = *variable; text.starts_with(prefix))
      set.push_back(text.substr(prefix.size(), text.find('=') - prefix.size()));
  if (set.empty()) return {};
  for (const CommandHelp& command : all_commands())
    for (const OptionHelp& option : command.options) known.push_back(variable_name(option.name).substr(prefix.size()));
  for (const std::string& name : set)
    if (std::find(known.begin(), known.end(), name) == known.end())
      warnings.push_back(
          ignored("the variable " + prefix + name, "there is no option of this name", guess(name, known, prefix)));
  return warnings;
}

/// `ldznet --version` and what follows it.
CommandLine version(const Words& options) {
  if (options.empty()) return {std::nullopt, "ldznet " + version_text() + "\n"};
  for (const std::string& option : options)
    if (option != "-v" && option != "--verbose")
      throw Error(ErrorCode::usage, "unexpected argument \"" + option + "\"", "See ldznet --help.");
  InfoCommand command;
  command.program_only = true;
  return {command, ""};
}

}  // namespace

std::vector<CommandHelp> all_commands() {
  std::vector<CommandHelp> all;
  for (const Row& row : kCommands) all.push_back(row.description());
  return all;
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  Words words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return {std::nullopt, overview(), false};
  if (words[0] == "help") words = {words.size() > 1 ? words[1] : "--help", "--help"};  // as many programs have it
  if (words[0] == "-h" || words[0] == "--help") return {std::nullopt, overview()};
  const Words rest(words.begin() + 1, words.end());
  if (words[0] == "-V" || words[0] == "--version") return version(rest);
  for (const Row& row : kCommands) {
    if (words[0] != row.name) continue;
    CommandLine line = row.parse(rest);
    for (std::string& warning : unknown_variables()) line.warnings.push_back(std::move(warning));
    return line;
  }
  refuse_command(words[0]);
}

}  // namespace ldznet::cli
