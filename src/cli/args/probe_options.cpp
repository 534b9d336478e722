#include "cli/args/probe_options.h"

#include <limits>

#include "cli/args/option_setters.h"
#include "cli/args/segment_options.h"
#include "ldznet/error.h"

namespace ldznet::cli {

OptionParser probe_parser(ProbeCommand& command) {
  OptionParser parser(
      {.name = "probe",
       .summary = "AP of a small read-out on every block of the denoising UNet, over timesteps",
       .usage = "DATASET [OPTIONS]",
       .description =
           "Shows which of the frozen UNet's features say most about what a phrase names (figure 2 of the paper). "
           "DATASET is what ldznet eval reads. The first part of its images fits a read-out for every block and "
           "timestep, the other part is what AP is measured on, as ldznet eval measures it. The read-out is a "
           "ridge regression in closed form, from a place's feature to the whitened text embeddings of the "
           "phrases whose masks cover the place; a phrase's score is its embedding's dot product with that, and "
           "a logistic curve makes it a probability. stdout gets the table, a file the heat map.",
       .examples = "  ldznet probe tests/data/mini-set/trained              ldznet-out/trained.probe.png\n"
                   "  ldznet probe VGPhraseCut_v0 --limit 2000 --timesteps 100,300,500 --json probe.json\n"});
  parser.positionals(command.dataset, 1, 1);
  parser.group("Data set");
  parser.add({.names = "--split",
              .value = "NAME",
              .help = "PhraseCut's part: refer_<NAME>.json.",
              .default_text = "test, else val",
              .set = string(command.split)});
  parser.add({.names = "--limit",
              .value = "N",
              .help = "Only the first N samples.",
              .default_text = "all",
              .set = integer(command.limit, 1, std::numeric_limits<int>::max())});
  parser.add({.names = "--train-share",
              .value = "X",
              .help = "Share of the images that fit the read-out, the first ones; more than 0, less than 1.",
              .default_text = "0.5",
              .set = number(command.train_share, 0, 1)});
  parser.group("Features");
  parser.add({.names = "--taps",
              .value = "NAMES",
              .help = "Comma list of blocks; ldznet info --json lists them all.",
              .default_text = "all",
              .set = string_list(command.features.names),
              .repeatable = true});
  parser.add({.names = "--timesteps",
              .value = "LIST",
              .help = "Comma list of steps of the noise schedule.",
              .default_text = std::to_string(kProbeTimesteps) + " spread over it",
              .set = integer_list(command.timesteps, 0, 999999),
              .repeatable = true});
  parser.group("Output");
  parser.add({.names = "-o,--output",
              .value = "PATH",
              .help = "Folder, or a .png file, for the heat map.",
              .default_text = kDefaultOutput,
              .set = string(command.output)});
  parser.add({.names = "--json",
              .value = "FILE",
              .help =
                  "Everything as JSON, on stdout in place of the table or into FILE, which ends in .json (any other "
                  "name as --json=FILE).",
              .set = string(command.json),
              .implicit_value = "-",
              .value_endings = {".json"}});
  parser.add({.names = "--overwrite", .help = "Replace files that exist.", .set = boolean(command.overwrite)});
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_size_option(parser, command.encode);
  add_seed_option(parser, command.features.seed);
  parser.group("Run");
  add_compute_options(parser, command.load, command.batch_size);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  parser.add({.names = "--no-progress",
              .help = "No progress line. There is none off a terminal anyway.",
              .set = boolean(command.no_progress)});
  return parser;
}

void check(const ProbeCommand& command) {
  if (command.dataset.size() != 1 || command.dataset[0].empty())
    throw Error(ErrorCode::usage, "one data set is needed", "Name its folder.");
  if (command.train_share && (*command.train_share <= 0 || *command.train_share >= 1))
    throw Error(ErrorCode::usage, "--train-share must be more than 0 and less than 1",
                "Some images have to fit the read-out, and others to test it.");
}

}  // namespace ldznet::cli
