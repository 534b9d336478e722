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

template <typename Options, OptionParser (*parser_of)(Options&)>
CommandLine parse(const Words& words) {
  Options command;
  OptionParser parser = parser_of(command);
  if (!parser.parse(words)) return {std::nullopt, parser.help()};
  check(command);
  return {std::move(command), ""};
}

/// A command with its line in the list of commands.
struct Row {
  const char* name;
  const char* summary;
  CommandLine (*parse)(const Words& words);
};

constexpr std::array<Row, 8> kCommands = {{
    {"segment", "Write a mask for every picture and prompt: the main command.", parse<SegmentCommand, segment_parser>},
    {"worker", "Keep the model loaded and answer JSON requests, one per line.", parse<WorkerCommand, worker_parser>},
    {"eval", "Measure mIoU, IoU_FG and AP on a labelled data set.", parse<EvalCommand, eval_parser>},
    {"features", "Draw what the diffusion model sees without a mask head.", parse<FeaturesCommand, features_parser>},
    {"probe", "Measure which UNet blocks and timesteps know most about a phrase.", parse<ProbeCommand, probe_parser>},
    {"bench", "Measure the time and memory of every stage.", parse<BenchCommand, bench_parser>},
    {"info", "Show what a bundle holds and what this build and machine can run.", parse<InfoCommand, info_parser>},
    {"tokenize", "Print the token ids of a prompt.", parse<TokenizeCommand, tokenize_parser>},
}};

constexpr std::size_t kColumn = 14;  // where the summaries begin

std::string overview() {
  std::string text =
      "ldznet: segment what a text names in a picture\n\n"
      "Usage: ldznet COMMAND [OPTIONS]\n\n"
      "Commands:\n";
  for (const Row& row : kCommands) text += help_entry(row.name, row.summary, kColumn);
  return text +
         "\n  -h, --help     Print this help, or after a command the help of that command.\n"
         "  -V, --version  Print the version.\n"
         "\nExamples:\n"
         "  ldznet segment zoo.png --prompt panda\n"
         "  ldznet segment --help\n";
}

[[noreturn]] void refuse_command(const std::string& word) {
  if (word.starts_with("-"))
    throw Error(ErrorCode::usage, "missing command before " + word,
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
  refuse_command(first);
}

}  // namespace ldznet::cli
