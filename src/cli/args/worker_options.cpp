#include "cli/args/worker_options.h"

#include "cli/args/help.h"
#include "cli/args/picture_options.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

CommandText worker_text() {
  return {
      .name = "worker",
      .summary = "keep the model loaded and answer JSON requests, one per line",
      .usage = "[OPTIONS]",
      .description =
          "Reads one JSON object per line on stdin and answers each with one line on stdout, in the same order. The "
          "first line of output is {\"ready\":true,...}. A request has \"image\" (a file) or \"image_b64\" (the bytes "
          "of one in base64) and \"prompts\" (a list). It may have an \"id\" of any type, which the answer repeats, "
          "and every option under Output and Mask below, and --method, --template, --size, --timestep, --seed, "
          "--samples and --tiles, by its long name: \"threshold\", \"min_area\", \"method\" and so on. The command "
          "line sets the defaults. The answer is the line that segment --json writes, or a line with an \"error\", "
          "after which the "
          "worker continues. Files are written only when output or save is given. Consecutive requests for one picture "
          "encode it once. Waiting requests that differ only in their prompts share a pass of up to --batch-size "
          "phrases; with --batch-size 1 they do not, and every answer equals that of segment to the last digit. The "
          "worker ends at the end of stdin; after SIGTERM it finishes the current request first.",
      .examples = std::string("  echo '{\"id\": 1, \"image\": \"zoo.png\", \"prompts\": [\"panda\"]}' | ldznet worker\n"
                              "  ldznet worker --threshold 0.4 < requests.jsonl > answers.jsonl\n"
                              "\n") +
                  exit_codes("end of stdin, even after requests that failed", "")};
}

}  // namespace

OptionParser worker_parser(WorkerCommand& command) {
  OptionParser parser(worker_text());
  add_picture_options(parser, command.defaults,
                      {.output = "With one prompt it can also be a .png file.",
                       .default_output = std::string(kDefaultOutput) + " if --save is given, else no files",
                       .default_save = "mask if --output is given, else no files"});
  add_bundle_options(parser, command.defaults.model, command.defaults.load.trust_unverified);
  add_methods_option(parser, command.defaults.load.methods, "Mask heads to load; fewer take less memory.",
                     "all of the bundle's");
  parser.group("Run");
  add_compute_options(parser, command.defaults.load, command.defaults.segment.batch_size);
  add_max_pixels_option(parser, command.defaults.max_pixels);
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
