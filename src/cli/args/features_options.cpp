#include "cli/args/features_options.h"

#include "cli/args/option_setters.h"
#include "cli/args/segment_options.h"
#include "ldznet/error.h"

namespace ldznet::cli {

OptionParser features_parser(FeaturesCommand& command) {
  constexpr int kMostClusters = 20;  // as many as there are colours that can be told apart
  OptionParser parser(
      {.name = "features",
       .summary = "a coarse segmentation from the denoising UNet's features alone",
       .usage = "IMAGE [OPTIONS]",
       .description = "Draws what the latent diffusion model knows without any mask head (figure 1 of the paper): the "
                      "features of some of its blocks are brought to one size and clustered by k-means on their "
                      "directions, and the clusters are drawn beside the picture. The UNet sees the picture with its "
                      "mirror image beyond its edges. stdout gets the file's name.",
       .examples = "  ldznet features zoo.png                               ldznet-out/zoo.png.features.png\n"
                   "  ldznet features zoo.png --clusters 8 --prompt panda\n"
                   "  ldznet features zoo.png --taps output_blocks.1.1 --timesteps 50,100,150 -o f.png\n"});
  parser.positionals(command.image, 1, 1);
  parser.group("Features");
  parser.add({.names = "-k,--clusters",
              .value = "K",
              .help = "Regions to find, 2 to 20.",
              .default_text = std::to_string(command.clusters),
              .set = integer(command.clusters, 2, kMostClusters)});
  parser.add({.names = "-p,--prompt",
              .value = "TEXT",
              .help = "What the UNet reads while it denoises.",
              .default_text = "nothing",
              .set = string(command.features.prompt)});
  parser.add({.names = "--taps",
              .value = "NAMES",
              .help = "Comma list of blocks; ldznet info --json lists them all.",
              .default_text = "those that the bundle's head reads",
              .set = string_list(command.features.names),
              .repeatable = true});
  parser.add({.names = "--timesteps",
              .value = "LIST",
              .help = "Comma list of steps of the noise schedule; the features of all are used together.",
              .default_text = "the bundle's",
              .set = integer_list(command.timesteps, 0, 999999),
              .repeatable = true});
  parser.group("Output");
  parser.add({.names = "-o,--output",
              .value = "PATH",
              .help = "Folder, or a .png file.",
              .default_text = kDefaultOutput,
              .set = string(command.output)});
  parser.add({.names = "--overwrite", .help = "Replace a file that exists.", .set = boolean(command.overwrite)});
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_size_option(parser, command.encode);
  add_seed_option(parser, command.features.seed);
  parser.group("Run");
  add_compute_options(parser, command.load, command.batch_size);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  return parser;
}

void check(const FeaturesCommand& command) {
  if (command.image.size() != 1 || command.image[0].empty())
    throw Error(ErrorCode::usage, "one picture is needed", "For example: ldznet features zoo.png");
}

}  // namespace ldznet::cli
