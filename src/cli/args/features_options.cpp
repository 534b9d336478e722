#include "cli/args/features_options.h"

#include "cli/args/option_setters.h"

namespace ldznet::cli {

OptionParser features_parser(FeaturesCommand& command) {
  constexpr int kMostClusters = 20;  // the palette has that many colours that can be told apart
  OptionParser parser(
      {.name = "features",
       .summary = "draw a coarse segmentation from the denoising UNet's features alone",
       .usage = "IMAGE [OPTIONS]",
       .description = "Draws what the latent diffusion model knows without any mask head (figure 1 of the paper): the "
                      "features of some UNet blocks are resized to one size and clustered by k-means on their "
                      "directions; the clusters are drawn next to the picture. For this the picture is extended beyond "
                      "its edges by its mirror image. The name of the file is printed to stdout.",
       .examples = "  ldznet features zoo.png               ldznet-out/zoo.png.features.png\n"
                   "  ldznet features zoo.png --clusters 8 --prompt panda\n"
                   "  ldznet features zoo.png --taps output_blocks.1.1 --timesteps 50,150 -o f.png\n"});
  parser.positionals(command.image, 1, 1, "the picture");
  parser.group("Features");
  parser.add({.names = "-k,--clusters",
              .value = "K",
              .help = "Number of clusters, 2 to 20.",
              .default_text = std::to_string(command.clusters),
              .set = integer(command.clusters, 2, kMostClusters)});
  parser.add({.names = "-p,--prompt",
              .value = "TEXT",
              .help = "Text for the UNet's cross-attention.",
              .default_text = "the empty prompt",
              .set = string(command.features.prompt)});
  add_feature_options(parser, command.features.names, "those that the bundle's head reads", command.timesteps,
                      "the bundle's");
  parser.group("Output");
  parser.add({.names = "-o,--output",
              .value = "PATH",
              .help = "Folder for the picture, or a .png file.",
              .default_text = kDefaultOutput,
              .set = string(command.output)});
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
  return parser;
}

}  // namespace ldznet::cli
