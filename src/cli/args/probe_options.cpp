#include "cli/args/probe_options.h"

#include <limits>

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

OptionParser probe_parser(ProbeCommand& command) {
  OptionParser parser(
      {.name = "probe",
       .summary = "measure the AP of a linear probe on every block of the denoising UNet, over timesteps",
       .usage = "DATASET [OPTIONS]",
       .description =
           "Shows which features of the frozen UNet carry the most information about a phrase (figure 2 of the paper). "
           "DATASET is a data set as for ldznet eval. For every block and timestep, a linear probe is fitted to the "
           "first part of the images, and its AP is measured on the rest as ldznet eval measures it. The probe is a "
           "ridge regression in closed form from the feature at a position to the whitened text embeddings of the "
           "phrases whose masks cover that position. A phrase's score is the dot product of its embedding with the "
           "prediction; a logistic curve turns it into a probability. The table goes to stdout and the heat map into "
           "a file.",
       .examples = "  ldznet probe tests/data/mini-set/trained   ldznet-out/trained.probe.png\n"
                   "  ldznet probe VGPhraseCut_v0 --limit 2000 --timesteps 100,300 --json p.json\n"});
  parser.positionals(command.dataset, 1, 1, "the data set");
  parser.group("Data set");
  parser.add({.names = "--split",
              .value = "NAME",
              .help = "Split of a PhraseCut data set: reads refer_<NAME>.json.",
              .default_text = "test if it exists, else val",
              .set = string(command.split)});
  add_limit_option(parser, command.limit);
  parser.add(
      {.names = "--train-share",
       .value = "X",
       .help = "Share of the images used to fit the probes, counted from the first image; more than 0 and less than 1.",
       .default_text = "0.5",
       .set = number(command.train_share, 0, 1)});
  parser.group("Features");
  add_feature_options(parser, command.features.names, "all", command.timesteps,
                      std::to_string(kProbeTimesteps) + " spread over the schedule");
  parser.group("Output");
  parser.add({.names = "-o,--output",
              .value = "PATH",
              .help = "Folder for the heat map, or a .png file.",
              .default_text = kDefaultOutput,
              .set = string(command.output)});
  add_json_file_option(parser, command.json, "Write everything as JSON, to stdout instead of the table or into FILE.",
                       {".json"});
  add_overwrite_option(parser, command.overwrite);
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_size_option(parser, command.encode);
  add_seed_option(parser, command.features.seed);
  parser.group("Run");
  add_compute_options(parser, command.load, command.batch_size);
  add_max_pixels_option(parser, command.max_pixels);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  add_no_progress_option(parser, command.no_progress);
  return parser;
}

void check(const ProbeCommand& command) {
  if (command.train_share && (*command.train_share <= 0 || *command.train_share >= 1))
    throw Error(ErrorCode::usage, "--train-share must be more than 0 and less than 1",
                "Some images are needed to fit the probes, and others to test them.");
}

}  // namespace ldznet::cli
