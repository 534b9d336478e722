#include "cli/bench_options.h"

#include "cli/values.h"
#include "ldznet/error.h"

namespace ldznet::cli {

Flags bench_flags(BenchCommand& command) {
  constexpr int kMostPrompts = 4096;
  constexpr int kMostRuns = 10000;
  Flags flags({.name = "bench",
               .summary = "time and memory of every stage",
               .usage = "[IMAGE] [OPTIONS]",
               .words =
                   "Segments a picture several times and says what every stage took: the first time, and then "
                   "(median). Beside the networks' stages stand the floating-point operations of their "
                   "convolutions and matrix products, the rate, and its share of the rate at which this machine "
                   "multiplies large matrices. A prompt's text is encoded once and kept, so the rate of that stage "
                   "is the first run's. Without IMAGE a drawn picture of 640 x 480 pixels is taken.",
               .examples = "  ldznet bench\n"
                           "  ldznet bench zoo.png --prompts 8 --batch-size 8 --precision bf16\n"
                           "  ldznet bench --json | jq .stages.znet.ms\n"});
  flags.words(command.image, 0, 1);
  flags.group("Work");
  flags.add({.names = "--prompts",
             .value = "K",
             .help = "Prompts for the picture.",
             .fallback = std::to_string(command.prompts),
             .set = whole(command.prompts, 1, kMostPrompts)});
  flags.add({.names = "--runs",
             .value = "N",
             .help = "Runs after the first.",
             .fallback = std::to_string(command.runs),
             .set = whole(command.runs, 1, kMostRuns)});
  flags.add({.names = "--json", .help = "Print one JSON object.", .set = yes_or_no(command.json)});
  flags.group("Model");
  add_bundle_options(flags, command.model);
  add_method_option(flags, command.method);
  add_sampling_options(flags, command.sampling);
  flags.group("Run");
  add_compute_options(flags, command.model);
  flags.add({.names = "--config",
             .value = "FILE",
             .help = "TOML file of options; a table [bench] in it is for this command only.",
             .set = text(command.config)});
  flags.group("Display");
  add_talk_options(flags, command.talk);
  return flags;
}

void check(const BenchCommand& command) {
  if (!command.image.empty() && command.image[0].empty())
    throw Error(ErrorCode::usage, "the name of the picture is empty", "Leave it out for a drawn one.");
}

}  // namespace ldznet::cli
