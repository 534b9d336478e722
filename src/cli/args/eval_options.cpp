#include "cli/args/eval_options.h"

#include <limits>

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText eval_text() {
  return {
      .name = "eval",
      .summary = "mIoU, IoU_FG and AP on a labelled data set",
      .usage = "DATASET [OPTIONS]",
      .description =
          "DATASET is a folder with manifest.jsonl, a line a sample: {\"image\": \"a.png\", \"phrase\": \"red car\", "
          "\"mask\": \"a_mask.png\"}; the mask can also be COCO's run lengths or polygons, and an empty one says "
          "that the object is absent. Or it is a folder in PhraseCut's layout. stdout gets a Markdown table in "
          "percent: the metrics of the CLIPSeg and LD-ZNet evaluation at threshold 0.3, the paper's figures below "
          "them where the set is PhraseCut or a folder called AIGI. Where there are several rows a second table has "
          "the differences between every two, with 95 % intervals bootstrapped over images. Absent objects count "
          "apart: right is a mask below 0.1 % of the "
          "picture at 0.5.",
      .examples =
          "  ldznet eval tests/data/mini-set/trained\n"
          "  ldznet eval VGPhraseCut_v0 --methods rgbnet,znet,ldznet --json results.json\n"
          "  ldznet eval VGPhraseCut_v0 --predictions clipseg-out      another system's pictures\n"
          "  ldznet eval photos --methods znet,ldznet --save-predictions ours\n"
          "  ldznet eval photos --predictions old=ours/ldznet --model new-bundle --methods ldznet\n"};
}

}  // namespace

OptionParser eval_parser(EvalCommand& command) {
  OptionParser parser(eval_text());
  parser.positionals(command.dataset, 1, 1);
  parser.group("Data");
  parser.add({.names = "--split",
              .value = "NAME",
              .help = "PhraseCut's split: test, val, train or miniv.",
              .default_text = "test, where it is there, else val",
              .set = choice(command.split, {"test", "val", "train", "miniv"})});
  parser.add({.names = "--limit",
              .value = "N",
              .help = "Only the first N samples.",
              .default_text = "all",
              .set = integer(command.limit, 1, std::numeric_limits<int>::max())});
  parser.add({.names = "--shard",
              .value = "I/N",
              .help = "Only part I of N of the pictures: the figures are of that part alone. With --save-predictions "
                      "--save-as probability in all parts, --predictions then tells of the whole. /N takes I from "
                      "SLURM_ARRAY_TASK_ID or "
                      "JOB_COMPLETION_INDEX, auto takes both from Slurm's variables.",
              .default_text = "all of it",
              .set = shard(command.shard)});
  parser.add({.names = "--by",
              .value = "MEMBERS",
              .help = "Rows for every value of further members of the manifest's lines, too: with {..., \"kind\": "
                      "\"thing\"}, --by kind. Of a comma list, for every combination.",
              .set = string_list(command.by),
              .repeatable = true});
  parser.group("Output");
  parser.add({.names = "--json",
              .value = "FILE",
              .help =
                  "Everything as one JSON object: figures, curves, differences, samples. On stdout, in place of the "
                  "table, or into FILE, which ends in .json (any other name as --json=FILE).",
              .set = string(command.json),
              .implicit_value = "-",
              .value_endings = {".json"}});
  parser.add({.names = "--csv", .value = "FILE", .help = "The curves as CSV.", .set = string(command.csv)});
  parser.add({.names = "--markdown", .value = "FILE", .help = "The table, too.", .set = string(command.markdown)});
  parser.add({.names = "--report",
              .value = "FILE",
              .help =
                  "An HTML page to look at: the worst and the best samples by the last method's IoU at 0.5, and absent "
                  "objects that it found, each with its masks.",
              .set = string(command.report)});
  parser.add({.names = "--predictions",
              .value = "[NAME=]DIR",
              .help =
                  "Evaluate the pictures in DIR in place of ours, or with --methods beside them: <id>.png, gray of 8 "
                  "or 16 bits, white being 1. An id is the sample's, PhraseCut's task_id, or the line's number from "
                  "0. The row is called NAME, or else as DIR's last part.",
              .set = append_string(command.predictions),
              .repeatable = true});
  parser.add({.names = "--save-predictions",
              .value = "DIR",
              .help = "Write ours so: <id>.png. With several methods, in a folder each.",
              .set = string(command.save_predictions)});
  parser.add({.names = "--save-as",
              .value = "KIND",
              .help =
                  "What is written so: probability, of 16 bits, or mask, black and white at 0.5, as PhraseCut's own "
                  "evaluator reads it; only the former tells --predictions the same figures again.",
              .default_text = "mask for PhraseCut, else probability",
              .set = choice(command.save_as, {kSaveMask, kSaveProbability})});
  parser.add({.names = "--overwrite",
              .help = "Replace files that exist. Without it an existing one is an error before any work starts.",
              .set = boolean(command.overwrite)});
  parser.group("Model");
  add_bundle_options(parser, command.model, command.load.trust_unverified);
  parser.add({.names = "--methods",
              .value = "NAMES",
              .help = "Comma list of heads, a row each: ldznet, znet, rgbnet.",
              .default_text = "the bundle's best; none with --predictions",
              .set = choice_list(command.load.methods, {"ldznet", "znet", "rgbnet"}),
              .repeatable = true});
  add_sampling_options(parser, command.encode, command.segment);
  parser.group("Run");
  add_compute_options(parser, command.load, command.segment.batch_size);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  parser.add({.names = "--no-progress",
              .help = "No progress line. There is none off a terminal anyway.",
              .set = boolean(command.no_progress)});
  return parser;
}

void check(const EvalCommand& command) {
  if (command.dataset.size() != 1 || command.dataset[0].empty())
    throw Error(ErrorCode::usage, "one data set is needed", "Name its folder.");
  if (!command.predictions.empty() && command.load.methods.empty() && !command.save_predictions.empty())
    throw Error(ErrorCode::usage, "--save-predictions has nothing to write: --predictions stands in place of ours",
                "Name heads with --methods to have both.");
  if (!command.save_as.empty() && command.save_predictions.empty())
    throw Error(ErrorCode::usage, "--save-as says how --save-predictions writes, which is not given",
                "Give it a folder.");
}

}  // namespace ldznet::cli
