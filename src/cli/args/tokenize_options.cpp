#include "cli/args/tokenize_options.h"

#include "ldznet/error.h"

namespace ldznet::cli {

OptionParser tokenize_parser(TokenizeCommand& command) {
  OptionParser parser({.name = "tokenize",
                       .summary = "the token ids of a prompt",
                       .usage = "TEXT [OPTIONS]",
                       .description =
                           "Prints one JSON array: the ids that the text encoder reads, with start, end and padding. "
                           "TEXT - reads prompts from stdin, one a line, and prints one array a line. A prompt that is "
                           "too long is cut, with a warning.",
                       .examples = "  ldznet tokenize \"a photo of a panda\"\n"
                                   "  ldznet tokenize - < prompts.txt > ids.jsonl\n"});
  parser.positionals(command.text, 1, 1);
  add_bundle_options(parser, command.model, command.trust_unverified);
  add_log_options(parser, command.log);
  return parser;
}

void check(const TokenizeCommand& command) {
  if (command.text.size() != 1) throw Error(ErrorCode::usage, "one TEXT is needed", "Put it in quotes.");
}

}  // namespace ldznet::cli
