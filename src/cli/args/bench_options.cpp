#include "cli/args/bench_options.h"

#include "cli/args/option_setters.h"

namespace ldznet::cli {

OptionParser bench_parser(BenchCommand& command) {
  constexpr int kMostPrompts = 4096;
  constexpr int kMostRuns = 10000;
  OptionParser parser(
      {.name = "bench",
       .summary = "measure the time and memory of every stage",
       .usage = "[IMAGE] [OPTIONS]",
       .description =
           "Segments a picture several times and prints the time of every stage: that of the first run, then the "
           "median of the others. For the networks it also prints the floating-point operations of their convolutions "
           "and matrix products, their rate, and the rate as a share of what this machine reaches on large matrices. "
           "The text of a prompt is encoded once and cached, so that stage's rate is taken from the first run. Without "
           "IMAGE a drawn picture of 640 x 480 pixels is used.",
       .examples = "  ldznet bench\n"
                   "  ldznet bench zoo.png --prompts 8 --batch-size 8 --precision bf16\n"
                   "  ldznet bench --json | jq .stages.znet.ms\n"});
  parser.positionals(command.image, 0, 1, "the picture");
  parser.group("Work");
  parser.add({.names = "--prompts",
              .value = "K",
              .help = "Number of prompts for the picture.",
              .default_text = std::to_string(command.prompts),
              .set = integer(command.prompts, 1, kMostPrompts)});
  parser.add({.names = "--runs",
              .value = "N",
              .help = "Number of runs after the first.",
              .default_text = std::to_string(command.runs),
              .set = integer(command.runs, 1, kMostRuns)});
  add_json_option(parser, command.json);
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

}  // namespace ldznet::cli
