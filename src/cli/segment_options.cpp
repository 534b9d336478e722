#include "cli/segment_options.h"

#include <algorithm>
#include <limits>

#include "cli/prompts.h"
#include "cli/values.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText segment_text() {
  return {.name = "segment",
          .summary = "a mask for every picture and prompt",
          .usage = "INPUT... --prompt TEXT... [OPTIONS]",
          .words =
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

void add_input_options(Flags& flags, SegmentCommand& command) {
  flags.group("Pictures and prompts");
  flags.add({.names = "-p,--prompt",
             .value = "TEXT",
             .help = "What to look for. Repeatable; \"panda|bamboo\" is two prompts.",
             .set = each_text(command.prompts),
             .repeatable = true});
  flags.add({.names = "--prompts-file",
             .value = "FILE",
             .help = "Further prompts, one a line, whatever it starts with; - is stdin.",
             .set = text(command.prompts_file)});
  flags.add(
      {.names = "--list",
       .value = "FILE",
       .help = "Further pictures and folders, one path a line or with NUL between them (find -print0); - is stdin.",
       .set = text(command.list)});
  flags.add({.names = "-r,--recursive",
             .help = "Read folders with all folders below them.",
             .set = yes_or_no(command.recursive)});
}

void add_output_options(Flags& flags, SegmentCommand& command) {
  flags.group("Output");
  flags.add({.names = "--json",
             .value = "FILE",
             .help =
                 "One JSON line a picture, on stdout or into FILE, which ends in .json, .jsonl or .ndjson (any other "
                 "name as --json=FILE). No pictures are written then unless --save or --output asks for them.",
             .set = text(command.json),
             .bare_value = "-",
             .value_endings = {".json", ".jsonl", ".ndjson"}});
  flags.add({.names = "--coco",
             .value = "FILE",
             .help = "The whole run as one COCO data set: prompts are categories. As with --json, no pictures are "
                     "written then unless asked for.",
             .set = text(command.coco)});
  flags.add({.names = "--coco-results",
             .value = "FILE",
             .help = "The same as COCO's list of results, with scores.",
             .set = text(command.coco_results)});
  flags.add({.names = "--label-studio",
             .value = "FILE",
             .help = "The same as tasks with predictions that Label Studio imports, for <BrushLabels name=\"tag\" "
                     "toName=\"image\">.",
             .set = text(command.label_studio)});
  flags.add({.names = "--panoptic",
             .value = "FILE",
             .help = "The label maps of the run as one COCO panoptic data set: FILE, which ends in .json, and a PNG "
                     "for every picture in a folder beside it, called as FILE is without .json.",
             .set = text(command.panoptic)});
  flags.add({.names = "--report",
             .value = "FILE",
             .help =
                 "One HTML page to look at: every picture with its masks, to be switched on and off and filtered by "
                 "name, prompt and score. It needs no other file and no network.",
             .set = text(command.report)});
}

void add_run_options(Flags& flags, SegmentCommand& command) {
  flags.group("Run");
  add_compute_options(flags, command.model);
  flags.add({.names = "--resume",
             .help = "Go on with a run that was stopped: pictures whose files are there as it left them are not done "
                     "again, unless the picture, the prompts, an option or the bundle has changed. Other files of "
                     "the same names are replaced.",
             .set = yes_or_no(command.resume)});
  flags.add({.names = "--shard",
             .value = "I/N",
             .help = "Do only part I of N, from 1; parts can run at once, into one folder. /N takes I from "
                     "SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, auto takes both from Slurm's variables.",
             .set = shard(command.shard)});
  flags.add({.names = "--max-failures",
             .value = "N",
             .help = "Stop when N pictures have failed.",
             .fallback = "never",
             .set = whole(command.max_failures, 1, std::numeric_limits<std::uint64_t>::max())});
  flags.add({.names = "--fail-fast",
             .help = "Stop at the first picture that fails: --max-failures 1.",
             .set = [&command](const std::string& value) {
               bool wanted = false;
               yes_or_no(wanted)(value);
               if (wanted) command.max_failures = 1;
             }});
  flags.exclusive("fail-fast", "max-failures");
  flags.add({.names = "-n,--dry-run",
             .help = "Only print what would be written: picture, prompt, kind, file.",
             .set = yes_or_no(command.dry_run)});
  flags.add({.names = "--config",
             .value = "FILE",
             .help = "TOML file of options; a table [segment] in it is for this command only.",
             .set = text(command.config)});
}

void add_display_options(Flags& flags, SegmentCommand& command) {
  flags.group("Display");
  add_talk_options(flags, command.talk);
  flags.add({.names = "--no-progress",
             .help = "No progress line. There is none off a terminal anyway.",
             .set = yes_or_no(command.no_progress)});
  flags.add({.names = "--no-color",
             .help = "No colours; the variable NO_COLOR says the same.",
             .set = yes_or_no(command.no_color)});
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

void add_picture_options(Flags& flags, SegmentCommand& command) {
  flags.group("Output");
  flags.add({.names = "-o,--output",
             .value = "PATH",
             .help = "Folder for the files. With one picture and one prompt also a .png file, or - for PNG on stdout. "
                     "In a folder a file is called after its picture's path from here.",
             .fallback = kDefaultOutput,
             .set = text(command.output)});
  flags.add({.names = "-s,--save",
             .value = "KINDS",
             .help =
                 "Comma list of mask (8 bits, 0 and 255), overlay, cutout (RGBA), probability (16 bits, 65535 is "
                 "1.0), labels (one map of all prompts, with a legend), and for other tools yolo (img.txt of img.png, "
                 "with the prompts' numbers in data.yaml) and labelme (img.json), whose polygons know no holes.",
             .fallback = "mask",
             .set = some_of(command.save, {"mask", "overlay", "cutout", "probability", "labels", "yolo", "labelme"}),
             .repeatable = true});
  flags.add({.names = "--overwrite",
             .help = "Replace files that exist. Without it an existing one is an error before any work starts.",
             .set = yes_or_no(command.overwrite)});
  flags.add({.names = "--boxes",
             .help = "Add a box for every connected region to the JSON.",
             .set = yes_or_no(command.boxes)});
  flags.add(
      {.names = "--polygons", .help = "Add the mask's outlines to the JSON.", .set = yes_or_no(command.polygons)});
  flags.group("Mask");
  flags.add({.names = "-t,--threshold",
             .value = "X",
             .help = "Probability from which on a pixel belongs to the mask, 0 to 1.",
             .fallback = "the bundle's, usually 0.5",
             .set = number(command.threshold, 0, 1)});
  flags.add({.names = "--min-area",
             .value = "N",
             .help = "Drop connected regions of fewer than N pixels.",
             .fallback = std::to_string(command.min_area),
             .set = whole(command.min_area, 0, std::numeric_limits<int>::max())});
  flags.add({.names = "--fill-holes",
             .help = "Add what a mask encloses on all sides.",
             .set = yes_or_no(command.fill_holes)});
  flags.add(
      {.names = "--largest", .help = "Keep the largest connected region only.", .set = yes_or_no(command.largest)});
  flags.group("Model");
  add_method_option(flags, command.method);
  flags.add({.names = "--template",
             .value = "TEXT",
             .help = "What the networks read in place of a prompt; {} stands for it: \"a photo of a {}.\"",
             .fallback = command.prompt_template,
             .set = text(command.prompt_template)});
  add_sampling_options(flags, command.sampling);
}

Flags segment_flags(SegmentCommand& command) {
  Flags flags(segment_text());
  flags.words(command.inputs, 0, std::numeric_limits<std::size_t>::max());
  add_input_options(flags, command);
  add_picture_options(flags, command);
  add_output_options(flags, command);
  flags.group("Model");
  add_bundle_options(flags, command.model);
  add_run_options(flags, command);
  add_display_options(flags, command);
  return flags;
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
