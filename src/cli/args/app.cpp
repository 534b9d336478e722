#include "cli/args/app.h"

#include <array>
#include <utility>
#include <vector>

#include "cli/args/did_you_mean.h"
#include "cli/args/help.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

using Words = std::vector<std::string>;

template <typename Command, OptionParser (*parser_of)(Command&)>
CommandLine parse(const Words& words) {
  Command command;
  OptionParser parser = parser_of(command);
  if (!parser.parse(words)) return {std::nullopt, parser.help()};
  check(command);
  return {std::move(command), ""};
}

/// A command by its name, with a line for the list of commands.
struct Row {
  const char* name;
  const char* summary;
  CommandLine (*parse)(const Words& words);
};

constexpr std::array<Row, 8> kCommands = {{
    {"segment", "A mask for every picture and prompt: the main job.", parse<SegmentCommand, segment_parser>},
    {"worker", "Stays loaded; a JSON request a line, a JSON answer a line.", parse<WorkerCommand, worker_parser>},
    {"eval", "mIoU, IoU_FG and AP on a labelled data set.", parse<EvalCommand, eval_parser>},
    {"features", "What the diffusion model sees by itself, as a picture.", parse<FeaturesCommand, features_parser>},
    {"probe", "Which of its blocks know most, over timesteps.", parse<ProbeCommand, probe_parser>},
    {"bench", "Time and memory of every stage.", parse<BenchCommand, bench_parser>},
    {"info", "What a bundle holds, what this build and machine can run.", parse<InfoCommand, info_parser>},
    {"tokenize", "The token ids of a prompt.", parse<TokenizeCommand, tokenize_parser>},
}};

constexpr std::size_t kColumn = 14;  // where the summaries begin

std::string overview() {
  std::string text =
      "ldznet: finds what a text names in a picture and answers with a mask\n\n"
      "Usage: ldznet COMMAND [OPTIONS]\n\n"
      "Commands:\n";
  for (const Row& row : kCommands) text += help_entry(row.name, row.summary, kColumn);
  return text +
         "\n  -h, --help     Print this help; after a command, the command's.\n"
         "  -V, --version  Print the version.\n"
         "\nExamples:\n"
         "  ldznet segment zoo.png --prompt panda\n"
         "  ldznet segment --help\n";
}

[[noreturn]] void refuse(const std::string& word) {
  if (word.starts_with("-"))
    throw Error(ErrorCode::usage, "the command is missing before " + word,
                "For example: ldznet segment zoo.png --prompt panda. See ldznet --help.");
  Words names;
  for (const Row& row : kCommands) names.emplace_back(row.name);
  const std::string meant = nearest(word, names);
  throw Error(ErrorCode::usage, "there is no command \"" + word + "\"",
              (meant.empty() ? "" : "Did you mean " + meant + "? ") + std::string("See ldznet --help."));
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  if (argc < 2) return {std::nullopt, overview(), false};
  const std::string first = argv[1];
  if (first == "-h" || first == "--help") return {std::nullopt, overview()};
  if (first == "-V" || first == "--version") return {std::nullopt, "ldznet " LDZNET_VERSION "\n"};
  for (const Row& row : kCommands)
    if (first == row.name) return row.parse(Words(argv + 2, argv + argc));
  refuse(first);
}

}  // namespace ldznet::cli
