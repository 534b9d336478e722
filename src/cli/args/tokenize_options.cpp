#include "cli/args/tokenize_options.h"

namespace ldznet::cli {

OptionParser tokenize_parser(TokenizeCommand& command) {
  OptionParser parser({.name = "tokenize",
                       .summary = "print the token ids of a prompt",
                       .usage = "TEXT [OPTIONS]",
                       .description =
                           "Prints the ids that the text encoder reads as one JSON array, with start, end and padding "
                           "tokens. If TEXT is -, prompts are read from stdin, one per line, and one array is printed "
                           "per line. A prompt that is too long is cut with a warning.",
                       .examples = "  ldznet tokenize \"a photo of a panda\"\n"
                                   "  ldznet tokenize - < prompts.txt > ids.jsonl\n"});
  parser.positionals(command.text, 1, 1);
  add_bundle_options(parser, command.model, command.trust_unverified);
  add_log_options(parser, command.log);
  return parser;
}

}  // namespace ldznet::cli
