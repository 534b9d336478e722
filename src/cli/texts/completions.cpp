#include "cli/texts/completions.h"

#include <algorithm>

namespace ldznet::cli {

namespace {

bool takes_file(const OptionHelp& option) {
  return option.value == "FILE" || option.value == "DIR" || option.value == "PATH";
}

/// An option whose next word is always its value.
bool takes_value(const OptionHelp& option) { return !option.value.empty() && !option.value_optional; }

std::string joined(const std::vector<std::string>& texts, const std::string& between = " ") {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

/// "-p --prompt"
std::string spellings(const OptionHelp& option, const std::string& between) {
  return (option.letter.empty() ? "" : "-" + option.letter + between) + "--" + option.name;
}

std::string command_names(const std::vector<CommandHelp>& commands) {
  std::vector<std::string> names;
  for (const CommandHelp& command : commands) names.push_back(command.text.name);
  return joined(names);
}

/// The text up to the first full stop or colon that a space follows.
std::string first_sentence(const std::string& text) {
  const std::size_t end = std::min(text.find(". "), text.find(": "));
  std::string sentence = text.substr(0, end);
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

/// The text with a backslash before each of the `special` letters.
std::string escaped(const std::string& text, const std::string& special) {
  std::string result;
  for (const char letter : text) {
    if (special.find(letter) != std::string::npos) result += '\\';
    result += letter;
  }
  return result;
}

/// The text as one word of a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char letter : text) result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return result + "'";
}

// In bash.

/// The branch of a command: its options, and the words that may follow one of them.
std::string bash_command(const CommandHelp& command) {
  std::vector<std::string> options, other_values;
  std::string values;
  for (const OptionHelp& option : command.options) {
    options.push_back(spellings(option, " "));
    if (!takes_value(option)) continue;
    if (option.words.empty())
      other_values.push_back(spellings(option, " | "));
    else
      values += "        " + spellings(option, " | ") + ") words=\"" + joined(option.words) + "\"" +
                (option.several ? " several=1" : "") + " ;;\n";
  }
  // Readline completes names of files.
  if (!other_values.empty()) values += "        " + joined(other_values, " | ") + ") return ;;\n";
  return "    " + command.text.name + ")\n      options=\"" + joined(options) + " -h --help\"\n" +
         (values.empty() ? "" : "      case $prev in\n" + values + "      esac\n") + "      ;;\n";
}

// In zsh.

/// The argument of _arguments that describes an option.
std::string zsh_option(const OptionHelp& option) {
  std::string value;
  if (!option.value.empty()) {
    std::string action = " ";
    if (takes_file(option)) action = "_files";
    if (!option.words.empty())
      action = option.several ? "_sequence compadd - " + joined(option.words) : "(" + joined(option.words) + ")";
    value = (option.value_optional ? "::" : ":") + option.value + ":" + action;
  }
  const std::string equals = option.value.empty() ? "" : option.value_optional ? "=-" : "=";
  const std::string text = "[" + escaped(first_sentence(option.text), "[]:") + "]" + value;
  const std::string long_name = "--" + option.name + equals;
  if (option.letter.empty()) return quoted("*" + long_name + text);
  const std::string short_name = "-" + option.letter + (option.value.empty() ? "" : "+");
  return "'*'{" + short_name + "," + long_name + "}" + quoted(text);
}

// In fish.

std::string fish_option(const CommandHelp& command, const OptionHelp& option) {
  std::string line = "complete -c ldznet -n '__fish_seen_subcommand_from " + command.text.name + "'";
  if (!option.letter.empty()) line += " -s " + option.letter;
  line += " -l " + option.name;
  if (takes_value(option)) line += takes_file(option) ? " -r -F" : " -x";
  if (!option.words.empty()) line += " -a " + quoted(joined(option.words));
  return line + " -d " + quoted(first_sentence(option.text)) + "\n";
}

}  // namespace

std::string bash_completions(const std::vector<CommandHelp>& commands) {
  std::string text =
      "# Completions of ldznet for bash, made by ldznet --generate bash.\n"
      "_ldznet() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options=\"\" words=\"\" several=\"\" "
      "done=\"\"\n"
      "  # bash splits --option=value into three words.\n"
      "  if [[ $cur == \"=\" ]]; then cur=\"\"; elif [[ $prev == \"=\" ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; "
      "fi\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"" +
      command_names(commands) +
      " help -h --help -V --version\" -- \"$cur\")\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n"
      "    help) words=\"" +
      command_names(commands) + "\" ;;\n";
  for (const CommandHelp& command : commands) text += bash_command(command);
  return text +
         "  esac\n"
         "  if [[ -n $words ]]; then\n"
         "    [[ -n $several && $cur == *,* ]] && done=${cur%,*},\n"
         "    mapfile -t COMPREPLY < <(compgen -P \"$done\" -W \"$words\" -- \"${cur#\"$done\"}\")\n"
         "  elif [[ $cur == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
         "  fi\n"
         "}\n"
         "complete -o default -F _ldznet ldznet\n";
}

std::string zsh_completions(const std::vector<CommandHelp>& commands) {
  std::string text =
      "#compdef ldznet\n"
      "# Completions of ldznet for zsh, made by ldznet --generate zsh.\n"
      "local -a commands=(\n";
  for (const CommandHelp& command : commands)
    text += "  " + quoted(command.text.name + ":" + escaped(command.text.summary, ":")) + "\n";
  text +=
      "  'help:print the help of a command'\n"
      ")\n"
      "if ((CURRENT == 2)); then\n"
      "  _describe command commands\n"
      "  return\n"
      "fi\n"
      "shift words\n"
      "((CURRENT--))\n"
      "case $words[1] in\n"
      "  help) _describe command commands ;;\n";
  for (const CommandHelp& command : commands) {
    text += "  " + command.text.name + ")\n    _arguments -S \\\n";
    for (const OptionHelp& option : command.options) text += "      " + zsh_option(option) + " \\\n";
    text += std::string("      '(- *)'{-h,--help}'[Print this help]'") +
            (command.takes_files ? " \\\n      '*:file:_files'" : "") + "\n    ;;\n";
  }
  return text + "esac\n";
}

std::string fish_completions(const std::vector<CommandHelp>& commands) {
  const std::string any = "__fish_seen_subcommand_from " + command_names(commands);
  std::string text = "# Completions of ldznet for fish, made by ldznet --generate fish.\n";
  for (const CommandHelp& command : commands)
    text += "complete -c ldznet -n 'not " + any + "' -f -a " + command.text.name + " -d " +
            quoted(command.text.summary) + "\n";
  for (const CommandHelp& command : commands) {
    if (!command.takes_files)
      text += "complete -c ldznet -n '__fish_seen_subcommand_from " + command.text.name + "' -f\n";
    for (const OptionHelp& option : command.options) text += fish_option(command, option);
  }
  return text +
         "complete -c ldznet -s h -l help -d 'Print this help'\n"
         "complete -c ldznet -n 'not " +
         any + "' -s V -l version -d 'Print the version'\n";
}

}  // namespace ldznet::cli
