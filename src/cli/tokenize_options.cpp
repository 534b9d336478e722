#include "cli/tokenize_options.h"

#include "ldznet/error.h"

namespace ldznet::cli {

Flags tokenize_flags(TokenizeCommand& command) {
  Flags flags({.name = "tokenize",
               .summary = "the token ids of a prompt",
               .usage = "TEXT [OPTIONS]",
               .words = "Prints one JSON array: the ids that the text encoder reads, with start, end and padding. "
                        "TEXT - reads prompts from stdin, one a line, and prints one array a line. A prompt that is "
                        "too long is cut, with a warning.",
               .examples = "  ldznet tokenize \"a photo of a panda\"\n"
                           "  ldznet tokenize - < prompts.txt > ids.jsonl\n"});
  flags.words(command.text, 1, 1);
  add_bundle_options(flags, command.model);
  add_talk_options(flags, command.talk);
  return flags;
}

void check(const TokenizeCommand& command) {
  if (command.text.size() != 1) throw Error(ErrorCode::usage, "one TEXT is needed", "Put it in quotes.");
}

}  // namespace ldznet::cli
