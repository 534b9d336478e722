#include "cli/args/segment_options.h"

#include <algorithm>
#include <limits>

#include "cli/args/option_setters.h"
#include "cli/args/prompts.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText segment_text() {
  return {.name = "segment",
          .summary = "a mask for every picture and prompt",
          .usage = "INPUT... --prompt TEXT... [OPTIONS]",
          .description =
              "INPUT is a picture, a folder of pictures, or - for one picture on stdin. PNG, JPEG, WebP, BMP, TIFF "
              "and PNM are told apart by their content. Every mask has its picture's size, EXIF orientation applied. "
              "stdout gets one line a mask: picture, prompt, score, area in pixels, file.",
          .examples =
              "  ldznet segment zoo.png -p panda                        ldznet-out/zoo.png.panda.mask.png\n"
              "  ldznet segment zoo.png -p \"panda|bamboo\" --save mask,overlay\n"
              "  ldznet segment photos --recursive -p sky -o masks      a folder tree, kept\n"
              "  ldznet segment zoo.png -p panda -o panda.png           this very file\n"
              "  ldznet segment - -p panda -o - < zoo.png > panda.png   through a pipe\n"
              "  ldznet segment zoo.png -p panda --json | jq .results   one JSON object a picture\n"
              "\n"
              "Every option can also be set by a variable, --min-area by LDZNET_MIN_AREA, and in the TOML file\n"
              "that --config names: min-area = 64. An option wins over a variable, a variable over the file.\n"
              "\n"
              "Exit codes: 0 all done; 1 some pictures failed, the rest is done; 64 bad command line; 65 the only\n"
              "picture is unusable; 66 input missing; 69 device unavailable; 70 internal error; 73 cannot write;\n"
              "75 out of memory; 78 bad configuration or bundle; 130, 143 interrupted, what is finished is kept;\n"
              "141 nobody reads stdout any more.\n"};
}

void add_input_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Pictures and prompts");
  parser.add({.names = "-p,--prompt",
              .value = "TEXT",
              .help = "What to look for. Repeatable; \"panda|bamboo\" is two prompts.",
              .set = append_string(command.prompts),
              .repeatable = true});
  parser.add({.names = "--prompts-file",
              .value = "FILE",
              .help = "Further prompts, one a line, whatever it starts with; - is stdin.",
              .set = string(command.prompts_file)});
  parser.add(
      {.names = "--list",
       .value = "FILE",
       .help = "Further pictures and folders, one path a line or with NUL between them (find -print0); - is stdin.",
       .set = string(command.list)});
  parser.add({.names = "-r,--recursive",
              .help = "Read folders with all folders below them.",
              .set = boolean(command.recursive)});
}

void add_output_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Output");
  parser.add({.names = "--json",
              .value = "FILE",
              .help =
                  "One JSON line a picture, on stdout or into FILE, which ends in .json, .jsonl or .ndjson (any other "
                  "name as --json=FILE). No pictures are written then unless --save or --output asks for them.",
              .set = string(command.json),
              .implicit_value = "-",
              .value_endings = {".json", ".jsonl", ".ndjson"}});
  parser.add({.names = "--coco",
              .value = "FILE",
              .help = "The whole run as one COCO data set: prompts are categories. As with --json, no pictures are "
                      "written then unless asked for.",
              .set = string(command.coco)});
  parser.add({.names = "--coco-results",
              .value = "FILE",
              .help = "The same as COCO's list of results, with scores.",
              .set = string(command.coco_results)});
  parser.add({.names = "--label-studio",
              .value = "FILE",
              .help = "The same as tasks with predictions that Label Studio imports, for <BrushLabels name=\"tag\" "
                      "toName=\"image\">.",
              .set = string(command.label_studio)});
  parser.add({.names = "--panoptic",
              .value = "FILE",
              .help = "The label maps of the run as one COCO panoptic data set: FILE, which ends in .json, and a PNG "
                      "for every picture in a folder beside it, called as FILE is without .json.",
              .set = string(command.panoptic)});
  parser.add({.names = "--report",
              .value = "FILE",
              .help =
                  "One HTML page to look at: every picture with its masks, to be switched on and off and filtered by "
                  "name, prompt and score. It needs no other file and no network.",
              .set = string(command.report)});
}

void add_run_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Run");
  add_compute_options(parser, command.load, command.segment.batch_size);
  parser.add({.names = "--resume",
              .help = "Go on with a run that was stopped: pictures whose files are there as it left them are not done "
                      "again, unless the picture, the prompts, an option or the bundle has changed. Other files of "
                      "the same names are replaced.",
              .set = boolean(command.resume)});
  parser.add({.names = "--shard",
              .value = "I/N",
              .help = "Do only part I of N, from 1; parts can run at once, into one folder. /N takes I from "
                      "SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, auto takes both from Slurm's variables.",
              .set = shard(command.shard)});
  parser.add({.names = "--max-failures",
              .value = "N",
              .help = "Stop when N pictures have failed.",
              .default_text = "never",
              .set = integer(command.max_failures, 1, std::numeric_limits<std::uint64_t>::max())});
  parser.add({.names = "--fail-fast",
              .help = "Stop at the first picture that fails: --max-failures 1.",
              .set = [&command](const std::string& value) {
                bool wanted = false;
                boolean(wanted)(value);
                if (wanted) command.max_failures = 1;
              }});
  parser.exclusive("fail-fast", "max-failures");
  parser.add({.names = "-n,--dry-run",
              .help = "Only print what would be written: picture, prompt, kind, file.",
              .set = boolean(command.dry_run)});
  parser.add_config_file();
}

void add_display_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Display");
  add_log_options(parser, command.log);
  parser.add({.names = "--no-progress",
              .help = "No progress line. There is none off a terminal anyway.",
              .set = boolean(command.no_progress)});
  parser.add({.names = "--no-color",
              .help = "No colours; the variable NO_COLOR says the same.",
              .set = boolean(command.no_color)});
}

/// stdin can be read by one option only.
void check_stdin(const SegmentCommand& command) {
  const auto pictures = std::count(command.inputs.begin(), command.inputs.end(), "-");
  if (pictures + (command.list == "-" ? 1 : 0) + (command.prompts_file == "-" ? 1 : 0) > 1)
    throw Error(ErrorCode::usage, "stdin (-) can be read once only",
                "Give the picture, --list or --prompts-file as a file.");
}

void check_output(const SegmentCommand& command) {
  if (command.output == "-" && command.json == "-")
    throw Error(ErrorCode::usage, "--output - and --json cannot both use stdout", "Write the JSON with --json=FILE.");
  for (const auto& [flag, file] : {std::pair{"--coco", &command.coco},
                                   {"--coco-results", &command.coco_results},
                                   {"--label-studio", &command.label_studio},
                                   {"--report", &command.report}})
    if (*file == "-")
      throw Error(ErrorCode::usage, std::string(flag) + " - is stdout, which only --json and --output can have",
                  "Name a file.");
  if ((command.boxes || command.polygons) && !command.json)
    throw Error(ErrorCode::usage, std::string(command.boxes ? "--boxes" : "--polygons") + " needs --json",
                "They are members of the JSON lines.");
  if (!command.panoptic.empty() && !command.panoptic.ends_with(".json"))
    throw Error(ErrorCode::usage, "--panoptic " + command.panoptic + " does not end in .json",
                "The folder of its PNGs is called the same without .json.");
}

}  // namespace

void add_picture_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Output");
  parser.add({.names = "-o,--output",
              .value = "PATH",
              .help = "Folder for the files. With one picture and one prompt also a .png file, or - for PNG on stdout. "
                      "In a folder a file is called after its picture's path from here.",
              .default_text = kDefaultOutput,
              .set = string(command.output)});
  parser.add(
      {.names = "-s,--save",
       .value = "KINDS",
       .help = "Comma list of mask (8 bits, 0 and 255), overlay, cutout (RGBA), probability (16 bits, 65535 is "
               "1.0), labels (one map of all prompts, with a legend), and for other tools yolo (img.txt of img.png, "
               "with the prompts' numbers in data.yaml) and labelme (img.json), whose polygons know no holes.",
       .default_text = "mask",
       .set = choice_list(command.save, {"mask", "overlay", "cutout", "probability", "labels", "yolo", "labelme"}),
       .repeatable = true});
  parser.add({.names = "--overwrite",
              .help = "Replace files that exist. Without it an existing one is an error before any work starts.",
              .set = boolean(command.overwrite)});
  parser.add(
      {.names = "--boxes", .help = "Add a box for every connected region to the JSON.", .set = boolean(command.boxes)});
  parser.add({.names = "--polygons", .help = "Add the mask's outlines to the JSON.", .set = boolean(command.polygons)});
  parser.group("Mask");
  parser.add({.names = "-t,--threshold",
              .value = "X",
              .help = "Probability from which on a pixel belongs to the mask, 0 to 1.",
              .default_text = "the bundle's, usually 0.5",
              .set = number(command.threshold, 0, 1)});
  parser.add({.names = "--min-area",
              .value = "N",
              .help = "Drop connected regions of fewer than N pixels.",
              .default_text = std::to_string(command.min_area),
              .set = integer(command.min_area, 0, std::numeric_limits<int>::max())});
  parser.add(
      {.names = "--fill-holes", .help = "Add what a mask encloses on all sides.", .set = boolean(command.fill_holes)});
  parser.add(
      {.names = "--largest", .help = "Keep the largest connected region only.", .set = boolean(command.largest)});
  parser.group("Model");
  add_method_option(parser, command.segment.method);
  parser.add({.names = "--template",
              .value = "TEXT",
              .help = "What the networks read in place of a prompt; {} stands for it: \"a photo of a {}.\"",
              .default_text = command.prompt_template,
              .set = string(command.prompt_template)});
  add_sampling_options(parser, command.encode, command.segment);
}

OptionParser segment_parser(SegmentCommand& command) {
  OptionParser parser(segment_text());
  parser.positionals(command.inputs, 0, std::numeric_limits<std::size_t>::max());
  add_input_options(parser, command);
  add_picture_options(parser, command);
  add_output_options(parser, command);
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_run_options(parser, command);
  add_display_options(parser, command);
  return parser;
}

void check(const SegmentCommand& command) {
  if (command.inputs.empty() && command.list.empty())
    throw Error(ErrorCode::usage, "no picture is named", "For example: ldznet segment zoo.png --prompt panda");
  if (std::find(command.inputs.begin(), command.inputs.end(), "") != command.inputs.end())
    throw Error(ErrorCode::usage, "the name of a picture is empty", "A variable of the shell may have no value.");
  if (command.prompts.empty() && command.prompts_file.empty())
    throw Error(ErrorCode::usage, "no prompt is given", "Say what to look for with --prompt, for example -p panda.");
  split_prompts(command.prompts);
  check_template(command);
  check_stdin(command);
  check_output(command);
}

void check_template(const SegmentCommand& command) {
  if (command.prompt_template.find("{}") == std::string::npos)
    throw Error(ErrorCode::usage, "--template must hold {}, the place of the prompt",
                "For example \"a photo of a {}.\"");
}

}  // namespace ldznet::cli
