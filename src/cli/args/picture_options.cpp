#include "cli/args/picture_options.h"

#include <limits>
#include <string>

#include "cli/args/common_options.h"
#include "cli/args/option_setters.h"

namespace ldznet::cli {

void add_picture_options(OptionParser& parser, SegmentCommand& command, const OutputHelp& help) {
  parser.group("Output");
  parser.add(
      {.names = "-o,--output",
       .value = "PATH",
       .help = "Folder for the files, which are named after the picture's path from the current folder. " + help.output,
       .default_text = help.default_output,
       .set = string(command.output)});
  parser.add(
      {.names = "-s,--save",
       .value = "KINDS",
       .help =
           "What to write, comma-separated: mask (8 bits, 0 and 255), overlay, cutout (RGBA), probability (16 bits, "
           "65535 is 1.0), labels (one label map of all prompts, with a legend), and for other tools yolo (a "
           "data set of images/, labels/ and data.yaml) and labelme (img.json). The polygons of the last two have no "
           "holes, and regions of fewer than 16 pixels are left out unless --min-area is given.",
       .default_text = help.default_save,
       .set = kind_list(command.save),
       .repeatable = true});
  parser.add({.names = "--name",
              .value = "TEMPLATE",
              .help = "Template for the names of files in the output folder, for example "
                      "\"{dir}/{stem}-{prompt}{ext}\". Parts: dir, stem (of the picture's path), ext (.png), prompt, "
                      "kind, index (the picture's number, from 1).",
              .set = string(command.name)});
  parser.add({.names = "--crop",
              .help = "Cut a cut-out to the mask's box; that of an empty mask keeps its size.",
              .set = boolean(command.crop)});
  parser.add({.names = "--background",
              .value = "COLOR",
              .help = "Fill transparent pixels of cut-outs with a colour: white, black, gray, red, green, blue, "
                      "yellow, cyan, magenta, or hexadecimal #rrggbb or #rgb.",
              .default_text = "transparent",
              .set = color(command.background)});
  add_overwrite_option(parser, command.overwrite);
  parser.add({.names = "--boxes",
              .help = "Add the box of every connected region to the JSON.",
              .set = boolean(command.boxes)});
  parser.add(
      {.names = "--polygons", .help = "Add the outlines of the mask to the JSON.", .set = boolean(command.polygons)});
  parser.add({.names = "--simplify",
              .value = "PIXELS",
              .help = "How far polygons may stray from the mask's outline, in the JSON and in files for other tools; "
                      "0 follows every pixel.",
              .default_text = "0.5",
              .set = number(command.simplify, 0, 1000)});
  parser.group("Mask");
  parser.add({.names = "--refine",
              .help = "Sharpen probabilities against the picture at its full resolution (guided filter), so that masks "
                      "of large pictures follow its edges.",
              .set = boolean(command.refine)});
  parser.add({.names = "-t,--threshold",
              .value = "X",
              .help = "Minimum probability for a pixel to belong to the mask, 0 to 1.",
              .default_text = "the bundle's, usually 0.5",
              .set = number(command.threshold, 0, 1)});
  parser.add({.names = "--min-area",
              .value = "N",
              .help = "Remove connected regions of fewer than N pixels.",
              .default_text = std::to_string(command.min_area),
              .set = integer(command.min_area, 0, std::numeric_limits<int>::max())});
  parser.add({.names = "--fill-holes",
              .help = "Fill holes: areas that the mask encloses on all sides.",
              .set = boolean(command.fill_holes)});
  parser.add(
      {.names = "--largest", .help = "Keep only the largest connected region.", .set = boolean(command.largest)});
  parser.add(
      {.names = "--invert", .help = "Invert the mask, after all other clean-up.", .set = boolean(command.invert)});
  parser.add({.names = "--instances",
              .help = "Split the mask into its connected regions: each is a result of its own, the largest first, with "
                      "files like img.png.panda.1.mask.png.",
              .set = boolean(command.instances)});
  parser.group("Model");
  add_method_option(parser, command.segment.method);
  parser.add({.names = "--template",
              .value = "TEXT",
              .help = "Text for the text encoder, with {} for the prompt: \"a photo of a {}.\"",
              .default_text = command.prompt_template,
              .set = string(command.prompt_template)});
  add_sampling_options(parser, command.encode, command.segment);
  parser.add({.names = "--tiles",
              .value = "N",
              .help =
                  "Segment the picture in overlapping tiles of N x N pixels, each resized as --size says, for small "
                  "things in large pictures. 64 to 16384.",
              .default_text = "the picture as a whole",
              .set = integer(command.tiles, 64, kLargestSize)});
}

}  // namespace ldznet::cli
