#include "cli/args/segment_options.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>

#include "base/paths.h"
#include "cli/args/help.h"
#include "cli/args/option_setters.h"
#include "cli/args/picture_options.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText segment_text() {
  return {
      .name = "segment",
      .summary = "write a mask for every picture and prompt",
      .usage = "INPUT... --prompt TEXT... [OPTIONS]",
      .description =
          "INPUT is a picture, a folder of pictures, or - for one picture on stdin. PNG, JPEG, WebP, BMP, TIFF, "
          "PNM, GIF, HEIC, AVIF, JPEG XL and JPEG 2000 are recognised by their content. Every mask has the size of "
          "its picture after EXIF orientation. "
          "One line per mask goes to stdout: picture, prompt, score, area in pixels, file.",
      .examples = std::string("  ldznet segment zoo.png -p panda        ldznet-out/zoo.png.panda.mask.png\n"
                              "  ldznet segment zoo.png -p \"panda|bamboo\" --save mask,overlay\n"
                              "  ldznet segment photos --recursive -p sky -o masks      keeps the folder tree\n"
                              "  ldznet segment zoo.png -p panda -o panda.png           exactly this file\n"
                              "  ldznet segment - -p panda -o - < zoo.png > panda.png   through a pipe\n"
                              "  ldznet segment zoo.png -p panda --json | jq .results   one line per picture\n"
                              "\n") +
                  wrapped("Every option can also be set by a variable (--min-area by LDZNET_MIN_AREA) and in the TOML "
                          "file that --config names (min-area = 64). The command line overrides variables, and they "
                          "override the file.",
                          0) +
                  "\n\n" +
                  exit_codes("all done; 1 some pictures failed and the rest is done", "the only picture is unusable")};
}

void add_input_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Pictures and prompts");
  parser.add({.names = "-p,--prompt",
              .value = "TEXT",
              .help =
                  "What to look for. Can be repeated; \"panda|bamboo\" is two prompts. A comma does not separate "
                  "prompts. Prompts can be expressions with AND, OR, NOT, ( ) and modifiers: "
                  "\"(panda OR bear){+4} AND NOT bamboo{~2}\". {+N} grows, {-N} shrinks and {~N} feathers a term by N "
                  "pixels, {*X} and {/X} multiply and divide its odds, {>X} is its own threshold. Double quotes keep a "
                  "phrase with an operator together.",
              .set = append_string(command.prompts),
              .repeatable = true});
  parser.add({.names = "--prompts-file",
              .value = "FILE",
              .help = "Read more prompts from FILE, one per line; - is stdin. Every line is a prompt, also one that "
                      "starts with - or #.",
              .set = string(command.prompts_file)});
  parser.add(
      {.names = "--list",
       .value = "FILE",
       .help = "Read further paths of pictures and folders from FILE, one per line or separated by NUL (find -print0); "
               "- is stdin.",
       .set = string(command.list)});
  parser.add({.names = "-r,--recursive",
              .help = "Read folders with all their subfolders.",
              .set = boolean(command.recursive)});
}

void add_output_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Output");
  add_json_file_option(parser, command.json,
                       "Write one JSON line per picture, to stdout or into FILE. No pictures are then written unless "
                       "--save or --output is given.",
                       {".json", ".jsonl", ".ndjson"});
  parser.add({.names = "--coco",
              .value = "FILE",
              .help = "Write the whole run as one COCO data set with the prompts as categories. As with --json, no "
                      "pictures are then written unless --save or --output is given.",
              .set = string(command.coco)});
  parser.add({.names = "--coco-polygons",
              .help = "In --coco, write polygons in place of run lengths; holes are cut out through bridges.",
              .set = boolean(command.coco_polygons)});
  parser.add({.names = "--coco-results",
              .value = "FILE",
              .help = "Like --coco, but as a COCO list of results with scores.",
              .set = string(command.coco_results)});
  parser.add({.names = "--relative-to",
              .value = "DIR",
              .help = "In --coco and --panoptic, name pictures by their paths from DIR, the folder of the data set.",
              .default_text = "the names as given",
              .set = string(command.relative_to)});
  parser.add({.names = "--label-studio",
              .value = "FILE",
              .help = "Like --coco, but as tasks with predictions to import into Label Studio. The labelling "
                      "interface for the project goes into the file of the same name with .xml.",
              .set = string(command.label_studio)});
  parser.add({.names = "--image-prefix",
              .value = "URL",
              .help = "In --label-studio, put URL before the names of the pictures.",
              .set = string(command.image_prefix)});
  parser.add({.names = "--panoptic",
              .value = "FILE",
              .help =
                  "Write the label maps of the run as one COCO panoptic data set: FILE, which must end in .json, and "
                  "one PNG per picture in the folder of the same name without .json. As with --json, no other pictures "
                  "are written unless --save or --output is given.",
              .set = string(command.panoptic)});
  parser.add(
      {.names = "--report",
       .value = "FILE",
       .help = "Write one HTML page of every picture with its masks, which can be switched on and off and filtered by "
               "name, prompt and score. With --save probability, a slider shows other thresholds. The page needs no "
               "other file and no network. As with --json, no pictures are written unless --save or --output is given.",
       .set = string(command.report)});
  parser.add({.names = "--compare",
              .value = "FILE",
              .help = "In --report, compare with an earlier run, whose --json lines are in FILE: both masks of every "
                      "picture and prompt, their IoU, and what only one run has.",
              .set = string(command.compare)});
}

void add_run_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Run");
  add_compute_options(parser, command.load, command.segment.batch_size);
  add_max_pixels_option(parser, command.max_pixels);
  parser.add({.names = "--resume",
              .help =
                  "Resume an interrupted run: skip pictures that are done and whose files are unchanged, unless the "
                  "picture, the prompts, an option or the bundle has changed. Other existing files of the same "
                  "names are replaced.",
              .set = boolean(command.resume)});
  parser.add({.names = "--shard",
              .value = "I/N",
              .help =
                  "Process only part I of N, counted from 1. Parts can run at the same time and write to one folder. "
                  "/N takes I from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX; auto takes both from Slurm's "
                  "variables.",
              .set = shard(command.shard)});
  parser.add({.names = "--max-failures",
              .value = "N",
              .help = "Stop after N pictures have failed.",
              .default_text = "never",
              .set = integer(command.max_failures, 1, std::numeric_limits<std::uint64_t>::max())});
  parser.add({.names = "--fail-fast",
              .help = "Stop at the first picture that fails, like --max-failures 1.",
              .set = {[&command](const std::string& value) {
                bool wanted = false;
                boolean(wanted)(value);
                if (wanted) command.max_failures = 1;
              }}});
  parser.exclusive("fail-fast", "max-failures");
  parser.add({.names = "-n,--dry-run",
              .help =
                  "Only print what would be written: picture, prompt, kind, file. The last lines, without picture and "
                  "prompt, are the files about the whole run. Missing pictures are reported.",
              .set = boolean(command.dry_run)});
  parser.add_config_file();
}

void add_display_options(OptionParser& parser, SegmentCommand& command) {
  parser.group("Display");
  add_log_options(parser, command.log);
  add_no_progress_option(parser, command.no_progress);
  parser.add({.names = "--no-color",
              .help = "Do not use colours. The variable NO_COLOR has the same effect.",
              .set = boolean(command.no_color)});
}

/// A name that is no file was probably meant as a prompt.
std::string hint_for_no_prompt(const std::vector<std::string>& inputs) {
  std::error_code error;
  for (const std::string& input : inputs)
    if (input != "-" && !has_picture_suffix(input) && !std::filesystem::exists(input, error))
      return "\"" + input + "\" was read as a picture. Prompts follow --prompt, for example -p panda.";
  return "Use --prompt, for example -p panda.";
}

/// A file that --json was meant to write would be read as a picture.
void check_json_file(const SegmentCommand& command) {
  if (command.json != "-") return;
  std::error_code error;
  for (const std::string& input : command.inputs)
    if (std::filesystem::path(input).has_extension() && !has_picture_suffix(input) &&
        !std::filesystem::exists(input, error))
      throw Error(ErrorCode::missing_input, input + ": no such file",
                  "Check the path. To write the JSON lines into this file, use --json=" + input + ".");
}

/// Only one option can read stdin.
void check_stdin(const SegmentCommand& command) {
  const auto pictures = std::count(command.inputs.begin(), command.inputs.end(), "-");
  if (pictures + (command.list == "-" ? 1 : 0) + (command.prompts_file == "-" ? 1 : 0) +
          (command.compare == "-" ? 1 : 0) >
      1)
    throw Error(ErrorCode::usage, "stdin (-) can be read only once",
                "Use a file for the picture, --list, --prompts-file or --compare.");
}

void check_output(const SegmentCommand& command) {
  if (command.output == "-" && command.json == "-")
    throw Error(ErrorCode::usage, "--output - and --json cannot both use stdout", "Write the JSON with --json=FILE.");
  for (const auto& [flag, file] : {std::pair{"--coco", &command.coco},
                                   {"--coco-results", &command.coco_results},
                                   {"--label-studio", &command.label_studio},
                                   {"--report", &command.report}})
    if (*file == "-")
      throw Error(ErrorCode::usage, std::string(flag) + " - is stdout, which only --json and --output can use",
                  "Name a file.");
  if ((command.boxes || command.polygons) && !command.json)
    throw Error(ErrorCode::usage, std::string(command.boxes ? "--boxes" : "--polygons") + " needs --json",
                "It adds members to the JSON lines.");
  const bool cuts_out = std::find(command.save.begin(), command.save.end(), OutputKind::cutout) != command.save.end();
  if ((command.crop || command.background) && !cuts_out)
    throw Error(ErrorCode::usage, std::string(command.crop ? "--crop" : "--background") + " needs --save cutout",
                "It changes cut-outs.");
  const bool has_polygons =
      command.polygons || command.coco_polygons || std::any_of(command.save.begin(), command.save.end(), is_for_tools);
  if (command.simplify && !has_polygons)
    throw Error(ErrorCode::usage, "--simplify needs polygons to simplify",
                "Add --json --polygons, --coco-polygons, --save yolo or --save labelme.");
  if (command.coco_polygons && command.coco.empty())
    throw Error(ErrorCode::usage, "--coco-polygons needs --coco", "It sets how the masks are written there.");
  if (!command.image_prefix.empty() && command.label_studio.empty())
    throw Error(ErrorCode::usage, "--image-prefix needs --label-studio", "It begins the pictures' names there.");
  if (!command.relative_to.empty() && command.coco.empty() && command.panoptic.empty())
    throw Error(ErrorCode::usage, "--relative-to needs --coco or --panoptic", "It sets how these files name pictures.");
  if (!command.panoptic.empty() && !command.panoptic.ends_with(".json"))
    throw Error(ErrorCode::usage, "--panoptic " + command.panoptic + " does not end in .json",
                "The PNGs go into the folder of the same name without .json.");
  if (!command.compare.empty() && command.report.empty())
    throw Error(ErrorCode::usage, "--compare needs --report", "The comparison is on that page.");
  if (!command.compare.empty() && command.instances)
    throw Error(ErrorCode::usage, "--compare compares whole masks, which --instances splits", "Use one of them.");
}

}  // namespace

OptionParser segment_parser(SegmentCommand& command) {
  OptionParser parser(segment_text());
  parser.positionals(command.inputs, 0, std::numeric_limits<std::size_t>::max(), "a picture");
  add_input_options(parser, command);
  add_picture_options(parser, command,
                      {.output = "With one picture and one prompt it can also be a .png file, or - for PNG on stdout.",
                       .default_output = kDefaultOutput,
                       .default_save = name(OutputKind::mask)});
  add_output_options(parser, command);
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_run_options(parser, command);
  add_display_options(parser, command);
  return parser;
}

void check(const SegmentCommand& command) {
  if (command.inputs.empty() && command.list.empty())
    throw Error(ErrorCode::usage, "no picture is given", "For example: ldznet segment zoo.png --prompt panda");
  if (command.prompts.empty() && command.prompts_file.empty())
    throw Error(ErrorCode::usage, "no prompt is given", hint_for_no_prompt(command.inputs));
  check_template(command);
  check_json_file(command);
  check_stdin(command);
  check_output(command);
}

void check_template(const SegmentCommand& command) {
  if (command.prompt_template.find("{}") == std::string::npos)
    throw Error(ErrorCode::usage, "--template must contain {}, the place of the prompt",
                "For example \"a photo of a {}.\"");
}

}  // namespace ldznet::cli
