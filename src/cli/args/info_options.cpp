#include "cli/args/info_options.h"

#include "cli/args/option_setters.h"
#include "ldznet/error.h"

namespace ldznet::cli {

OptionParser info_parser(InfoCommand& command) {
  OptionParser parser(
      {.name = "info",
       .summary = "what a bundle holds, and what this build and machine can run",
       .usage = "[BUNDLE] [OPTIONS]",
       .description = "BUNDLE is a bundle's folder; without it $LDZNET_MODEL, else the bundle that ships with the "
                      "program. Sizes and sha256 of all its files are compared with its manifest; the exit code is "
                      "78 when one differs. No network is loaded.",
       .examples = "  ldznet info\n"
                   "  ldznet info models/ldznet-v1 --json | jq .bundle.methods\n"});
  parser.positionals(command.bundle, 0, 1);
  parser.add({.names = "--json", .help = "Print one JSON object.", .set = boolean(command.json)});
  add_log_options(parser, command.log);
  return parser;
}

void check(const InfoCommand& command) {
  if (!command.bundle.empty() && command.bundle[0].empty())
    throw Error(ErrorCode::usage, "the name of the bundle is empty", "A variable of the shell may have no value.");
}

}  // namespace ldznet::cli
