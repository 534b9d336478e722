#include "cli/probe_options.h"

#include <limits>

#include "cli/segment_options.h"
#include "cli/values.h"
#include "ldznet/error.h"

namespace ldznet::cli {

Flags probe_flags(ProbeCommand& command) {
  Flags flags(
      {.name = "probe",
       .summary = "AP of a small read-out on every block of the denoising UNet, over timesteps",
       .usage = "DATASET [OPTIONS]",
       .words = "Shows which of the frozen UNet's features say most about what a phrase names (figure 2 of the paper). "
                "DATASET is what ldznet eval reads. The first part of its images fits a read-out for every block and "
                "timestep, the other part is what AP is measured on, as ldznet eval measures it. The read-out is a "
                "ridge regression in closed form, from a place's feature to the whitened text embeddings of the "
                "phrases whose masks cover the place; a phrase's score is its embedding's dot product with that, and "
                "a logistic curve makes it a probability. stdout gets the table, a file the heat map.",
       .examples = "  ldznet probe tests/data/mini-set/trained              ldznet-out/trained.probe.png\n"
                   "  ldznet probe VGPhraseCut_v0 --limit 2000 --timesteps 100,300,500 --json probe.json\n"});
  flags.words(command.dataset, 1, 1);
  flags.group("Data set");
  flags.add({.names = "--split",
             .value = "NAME",
             .help = "PhraseCut's part: refer_<NAME>.json.",
             .fallback = "test, else val",
             .set = text(command.split)});
  flags.add({.names = "--limit",
             .value = "N",
             .help = "Only the first N samples.",
             .fallback = "all",
             .set = whole(command.limit, 1, std::numeric_limits<int>::max())});
  flags.add({.names = "--train-share",
             .value = "X",
             .help = "Share of the images that fit the read-out, the first ones; more than 0, less than 1.",
             .fallback = "0.5",
             .set = number(command.train_share, 0, 1)});
  flags.group("Features");
  flags.add({.names = "--taps",
             .value = "NAMES",
             .help = "Comma list of blocks; ldznet info --json lists them all.",
             .fallback = "all",
             .set = texts(command.features),
             .repeatable = true});
  flags.add({.names = "--timesteps",
             .value = "LIST",
             .help = "Comma list of steps of the noise schedule.",
             .fallback = std::to_string(kProbeTimesteps) + " spread over it",
             .set = wholes(command.timesteps, 0, 999999),
             .repeatable = true});
  flags.group("Output");
  flags.add({.names = "-o,--output",
             .value = "PATH",
             .help = "Folder, or a .png file, for the heat map.",
             .fallback = kDefaultOutput,
             .set = text(command.output)});
  flags.add({.names = "--json",
             .value = "FILE",
             .help = "Everything as JSON, on stdout in place of the table or into FILE, which ends in .json (any other "
                     "name as --json=FILE).",
             .set = text(command.json),
             .bare_value = "-",
             .value_endings = {".json"}});
  flags.add({.names = "--overwrite", .help = "Replace files that exist.", .set = yes_or_no(command.overwrite)});
  flags.group("Model");
  add_bundle_options(flags, command.model);
  add_size_option(flags, command.sampling);
  add_seed_option(flags, command.sampling);
  flags.group("Run");
  add_compute_options(flags, command.model);
  flags.add({.names = "--config",
             .value = "FILE",
             .help = "TOML file of options; a table [probe] in it is for this command only.",
             .set = text(command.config)});
  flags.group("Display");
  add_talk_options(flags, command.talk);
  flags.add({.names = "--no-progress",
             .help = "No progress line. There is none off a terminal anyway.",
             .set = yes_or_no(command.no_progress)});
  return flags;
}

void check(const ProbeCommand& command) {
  if (command.dataset.size() != 1 || command.dataset[0].empty())
    throw Error(ErrorCode::usage, "one data set is needed", "Name its folder.");
  if (command.train_share && (*command.train_share <= 0 || *command.train_share >= 1))
    throw Error(ErrorCode::usage, "--train-share must be more than 0 and less than 1",
                "Some images have to fit the read-out, and others to test it.");
}

}  // namespace ldznet::cli
