#include "cli/args/worker_options.h"

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText worker_text() {
  return {
      .name = "worker",
      .summary = "stays loaded and answers requests, one JSON line each",
      .usage = "[OPTIONS]",
      .description =
          "Reads one JSON object a line on stdin and answers every line with one on stdout, in their order. The first "
          "line out says {\"ready\":true,...}. A request names \"image\" (a file) or \"image_b64\" (its bytes in "
          "base64), \"prompts\" (a list), and may hold an \"id\" of any kind, which its answer repeats, and any option "
          "under Output, Mask and Model below by its long name: \"threshold\", \"min_area\", \"method\" and so on; "
          "what "
          "it leaves out is as on the command line. The answer is the line that segment --json writes, or one with an "
          "\"error\"; the worker lives on. Files are written only where output or save asks for them. Requests on "
          "one picture that follow each other encode it once; those that wait and differ in their prompts, but in "
          "nothing else that the networks see, share a pass of up to --batch-size prompts. With --batch-size 1 none "
          "does, and every answer is to the last digit what segment says. At the end of stdin the worker ends; at "
          "SIGTERM it "
          "finishes the request in hand.",
      .examples =
          "  echo '{\"id\": 1, \"image\": \"zoo.png\", \"prompts\": [\"panda\"]}' | ldznet worker\n"
          "  ldznet worker --threshold 0.4 < requests.jsonl > answers.jsonl\n"
          "\n"
          "Exit codes: 0 end of stdin; 64 bad command line; 69 device unavailable; 78 bad configuration or\n"
          "bundle; 130, 143 interrupted; 141 nobody reads stdout any more. A request's error ends nothing.\n"};
}

}  // namespace

OptionParser worker_parser(WorkerCommand& command) {
  OptionParser parser(worker_text());
  add_picture_options(parser, command.defaults);
  add_bundle_options(parser, command.defaults.model, command.defaults.load.trust_unverified);
  parser.add({.names = "--methods",
              .value = "NAMES",
              .help = "Comma list of the heads to load. Fewer take less memory.",
              .default_text = "all of the bundle's",
              .set = choice_list(command.defaults.load.methods, {"ldznet", "znet", "rgbnet"}),
              .repeatable = true});
  parser.group("Run");
  add_compute_options(parser, command.defaults.load, command.defaults.segment.batch_size);
  parser.add_config_file();
  parser.group("Display");
  add_log_options(parser, command.log);
  return parser;
}

void check(const WorkerCommand& command) {
  check_template(command.defaults);
  if (command.defaults.output == "-")
    throw Error(ErrorCode::usage, "--output - is stdout, which carries the answers", "Name a folder.");
}

}  // namespace ldznet::cli
