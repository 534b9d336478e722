#include "cli/texts/generate.h"

#include "cli/args/app.h"
#include "cli/texts/completions.h"
#include "cli/texts/man_page.h"
#include "ldznet/error.h"

namespace ldznet::cli {

std::string generate(const std::string& what) {
  const std::vector<CommandHelp> commands = all_commands();
  if (what == "man") return man_page(commands);
  if (what == "bash") return bash_completions(commands);
  if (what == "zsh") return zsh_completions(commands);
  if (what == "fish") return fish_completions(commands);
  throw Error(ErrorCode::usage, "--generate makes man, bash, zsh or fish, not \"" + what + "\"");
}

}  // namespace ldznet::cli
