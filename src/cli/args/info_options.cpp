#include "cli/args/info_options.h"

#include "cli/args/option_setters.h"

namespace ldznet::cli {

OptionParser info_parser(InfoCommand& command) {
  OptionParser parser(
      {.name = "info",
       .summary = "show what a bundle holds and what this build and machine can run",
       .usage = "[BUNDLE] [OPTIONS]",
       .description = "BUNDLE is the folder of a bundle; the default is $LDZNET_MODEL, or else the bundle that ships "
                      "with the program. The size and sha256 of every file are compared with the manifest; the exit "
                      "code is 78 when one differs. No network is loaded.",
       .examples = "  ldznet info\n"
                   "  ldznet info --names | grep bear\n"
                   "  ldznet info models/ldznet-v1 --json | jq .bundle.methods\n"});
  parser.positionals(command.bundle, 0, 1, "the bundle");
  add_json_option(parser, command.json);
  parser.add({.names = "--names",
              .help =
                  "Print the names that the bundle was trained on instead, one per line, with their synonyms after a "
                  "tab.",
              .set = boolean(command.names)});
  parser.exclusive("names", "json");
  add_log_options(parser, command.log);
  return parser;
}

}  // namespace ldznet::cli
