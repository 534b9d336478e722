#include "cli/features_options.h"

#include "cli/segment_options.h"
#include "cli/values.h"
#include "ldznet/error.h"

namespace ldznet::cli {

Flags features_flags(FeaturesCommand& command) {
  constexpr int kMostClusters = 20;  // as many as there are colours that can be told apart
  Flags flags({.name = "features",
               .summary = "a coarse segmentation from the denoising UNet's features alone",
               .usage = "IMAGE [OPTIONS]",
               .words =
                   "Draws what the latent diffusion model knows without any mask head (figure 1 of the paper): the "
                   "features of some of its blocks are brought to one size and clustered by k-means on their "
                   "directions, and the clusters are drawn beside the picture. The UNet sees the picture with its "
                   "mirror image beyond its edges. stdout gets the file's name.",
               .examples = "  ldznet features zoo.png                               ldznet-out/zoo.png.features.png\n"
                           "  ldznet features zoo.png --clusters 8 --prompt panda\n"
                           "  ldznet features zoo.png --taps output_blocks.1.1 --timesteps 50,100,150 -o f.png\n"});
  flags.words(command.image, 1, 1);
  flags.group("Features");
  flags.add({.names = "-k,--clusters",
             .value = "K",
             .help = "Regions to find, 2 to 20.",
             .fallback = std::to_string(command.clusters),
             .set = whole(command.clusters, 2, kMostClusters)});
  flags.add({.names = "-p,--prompt",
             .value = "TEXT",
             .help = "What the UNet reads while it denoises.",
             .fallback = "nothing",
             .set = text(command.prompt)});
  flags.add({.names = "--taps",
             .value = "NAMES",
             .help = "Comma list of blocks; ldznet info --json lists them all.",
             .fallback = "those that the bundle's head reads",
             .set = texts(command.taps),
             .repeatable = true});
  flags.add({.names = "--timesteps",
             .value = "LIST",
             .help = "Comma list of steps of the noise schedule; the features of all are used together.",
             .fallback = "the bundle's",
             .set = wholes(command.timesteps, 0, 999999),
             .repeatable = true});
  flags.group("Output");
  flags.add({.names = "-o,--output",
             .value = "PATH",
             .help = "Folder, or a .png file.",
             .fallback = kDefaultOutput,
             .set = text(command.output)});
  flags.add({.names = "--overwrite", .help = "Replace a file that exists.", .set = yes_or_no(command.overwrite)});
  flags.group("Model");
  add_bundle_options(flags, command.model);
  add_size_option(flags, command.sampling);
  add_seed_option(flags, command.sampling);
  flags.group("Run");
  add_compute_options(flags, command.model);
  flags.add({.names = "--config",
             .value = "FILE",
             .help = "TOML file of options; a table [features] in it is for this command only.",
             .set = text(command.config)});
  flags.group("Display");
  add_talk_options(flags, command.talk);
  return flags;
}

void check(const FeaturesCommand& command) {
  if (command.image.size() != 1 || command.image[0].empty())
    throw Error(ErrorCode::usage, "one picture is needed", "For example: ldznet features zoo.png");
}

}  // namespace ldznet::cli
