#include "cli/args/eval_options.h"

#include <limits>

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText eval_text() {
  return {
      .name = "eval",
      .summary = "measure mIoU, IoU_FG and AP on a labelled data set",
      .usage = "DATASET [OPTIONS]",
      .description =
          "DATASET is a folder with manifest.jsonl, one line per sample: {\"image\": \"a.png\", \"phrase\": \"red "
          "car\", \"mask\": \"a_mask.png\"}. The mask is a picture of any depth, with or without a palette, in which "
          "the object is not black; or run lengths or polygons as in COCO. [], \"\" or null means that the object is "
          "absent. A folder in PhraseCut's layout works as well. stdout gets a Markdown table in percent: the metrics "
          "of the CLIPSeg and LD-ZNet evaluation at threshold 0.3, followed by the paper's results if the data set is "
          "PhraseCut or a folder called AIGI; a column says when they are about other samples. If there are several "
          "rows, a second table has the differences between "
          "every two of them, with 95 % intervals bootstrapped over images. Absent objects are reported separately: a "
          "sample is right when its mask at 0.5 covers less than 0.1 % of the picture.",
      .examples =
          "  ldznet eval tests/data/mini-set/trained\n"
          "  ldznet eval VGPhraseCut_v0 --methods rgbnet,znet,ldznet --json results.json\n"
          "  ldznet eval VGPhraseCut_v0 --predictions clipseg   another system's pictures\n"
          "  ldznet eval photos --methods znet,ldznet --save-predictions ours\n"
          "  ldznet eval photos --predictions old=ours/ldznet --model new --methods ldznet\n"};
}

}  // namespace

OptionParser eval_parser(EvalCommand& command) {
  OptionParser parser(eval_text());
  parser.positionals(command.dataset, 1, 1, "the data set");
  parser.group("Data");
  parser.add({.names = "--split",
              .value = "NAME",
              .help = "Split of a PhraseCut data set: test, val, train or miniv.",
              .default_text = "test if it exists, else val",
              .set = choice(command.split, {"test", "val", "train", "miniv"})});
  add_limit_option(parser, command.limit);
  parser.add({.names = "--shard",
              .value = "I/N",
              .help =
                  "Evaluate only part I of N of the pictures, and report on that part alone. For the metrics of the "
                  "whole set, run all parts with --save-predictions and --save-as probability, then evaluate with "
                  "--predictions. /N takes I from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX; auto takes both "
                  "from Slurm's variables.",
              .default_text = "the whole set",
              .set = shard(command.shard)});
  parser.add(
      {.names = "--by",
       .value = "MEMBERS",
       .help =
           "Add rows for every value of a member of the lines in manifest.jsonl: --by kind for lines with \"kind\": "
           "\"thing\". A comma-separated list adds rows for every combination of values.",
       .set = string_list(command.by),
       .repeatable = true});
  parser.group("Output");
  add_json_file_option(parser, command.json,
                       "Write everything as one JSON object (metrics, curves, differences, samples), to stdout instead "
                       "of the table or into FILE.",
                       {".json"});
  parser.add({.names = "--csv",
              .value = "FILE",
              .help = "Write the curves as CSV; - is stdout, instead of the table.",
              .set = string(command.csv)});
  parser.add({.names = "--markdown",
              .value = "FILE",
              .help = "Also write the table into FILE.",
              .set = string(command.markdown)});
  parser.add({.names = "--report",
              .value = "FILE",
              .help = "Write an HTML page of the worst and best samples by the last method's IoU at 0.5, and of absent "
                      "objects that it found, each with its masks.",
              .set = string(command.report)});
  parser.add(
      {.names = "--predictions",
       .value = "[NAME=]DIR",
       .help =
           "Evaluate the pictures in DIR instead of running a head, or with --methods in addition to it. The pictures "
           "are named <id>.png. They are probabilities in gray, 8 or 16 bits, white is 1; or masks, which have no AP. "
           "The id is the sample's id, PhraseCut's task_id, or the line number from 0. The row is called NAME, by "
           "default the last part of DIR.",
       .set = append_string(command.predictions),
       .repeatable = true});
  parser.add(
      {.names = "--save-predictions",
       .value = "DIR",
       .help = "Write the predictions of ldznet in the same form: <id>.png. Several methods get one folder each.",
       .set = string(command.save_predictions)});
  parser.add(
      {.names = "--save-as",
       .value = "KIND",
       .help = "What --save-predictions writes: probability (16 bits) or mask (black and white at 0.5, the form that "
               "PhraseCut's own evaluator reads). Only probability reproduces the same metrics with "
               "--predictions.",
       .default_text = "mask for PhraseCut, else probability",
       .set = choice(command.save_as, {kSaveMask, kSaveProbability})});
  add_overwrite_option(parser, command.overwrite);
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  add_methods_option(parser, command.load.methods, "Mask heads to evaluate, one row each.",
                     "the bundle's best; none with --predictions");
  add_sampling_options(parser, command.encode, command.segment);
  parser.group("Run");
  add_compute_options(parser, command.load, command.segment.batch_size);
  add_max_pixels_option(parser, command.max_pixels);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  add_no_progress_option(parser, command.no_progress);
  return parser;
}

void check(const EvalCommand& command) {
  if (!command.predictions.empty() && command.load.methods.empty() && !command.save_predictions.empty())
    throw Error(ErrorCode::usage, "--save-predictions has nothing to write, since --predictions runs no head",
                "Name heads with --methods to evaluate both.");
  if (!command.save_as.empty() && command.save_predictions.empty())
    throw Error(ErrorCode::usage, "--save-as needs --save-predictions", "It sets what --save-predictions writes.");
}

}  // namespace ldznet::cli
