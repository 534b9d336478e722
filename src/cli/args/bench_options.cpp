#include "cli/args/bench_options.h"

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

OptionParser bench_parser(BenchCommand& command) {
  constexpr int kMostPrompts = 4096;
  constexpr int kMostRuns = 10000;
  OptionParser parser(
      {.name = "bench",
       .summary = "time and memory of every stage",
       .usage = "[IMAGE] [OPTIONS]",
       .description = "Segments a picture several times and says what every stage took: the first time, and then "
                      "(median). Beside the networks' stages stand the floating-point operations of their "
                      "convolutions and matrix products, the rate, and its share of the rate at which this machine "
                      "multiplies large matrices. A prompt's text is encoded once and kept, so the rate of that stage "
                      "is the first run's. Without IMAGE a drawn picture of 640 x 480 pixels is taken.",
       .examples = "  ldznet bench\n"
                   "  ldznet bench zoo.png --prompts 8 --batch-size 8 --precision bf16\n"
                   "  ldznet bench --json | jq .stages.znet.ms\n"});
  parser.positionals(command.image, 0, 1);
  parser.group("Work");
  parser.add({.names = "--prompts",
              .value = "K",
              .help = "Prompts for the picture.",
              .default_text = std::to_string(command.prompts),
              .set = integer(command.prompts, 1, kMostPrompts)});
  parser.add({.names = "--runs",
              .value = "N",
              .help = "Runs after the first.",
              .default_text = std::to_string(command.runs),
              .set = integer(command.runs, 1, kMostRuns)});
  parser.add({.names = "--json", .help = "Print one JSON object.", .set = boolean(command.json)});
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_method_option(parser, command.segment.method);
  add_sampling_options(parser, command.encode, command.segment);
  parser.group("Run");
  add_compute_options(parser, command.load, command.segment.batch_size);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  return parser;
}

void check(const BenchCommand& command) {
  if (!command.image.empty() && command.image[0].empty())
    throw Error(ErrorCode::usage, "the name of the picture is empty", "Leave it out for a drawn one.");
}

}  // namespace ldznet::cli
