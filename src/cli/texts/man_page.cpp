#include "cli/texts/man_page.h"

#include <sstream>

namespace ldznet::cli {

namespace {

/// Text without what roff would take for a command.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '\\')
      result += "\\e";
    else if (letter == '-')
      result += "\\-";
    else
      result += letter;
  }
  const bool is_command = !result.empty() && (result.front() == '.' || result.front() == '\'');
  return is_command ? "\\&" + result : result;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }

/// Lines that keep their breaks and spaces.
std::string preformatted(const std::string& text) {
  std::string result = ".PP\n.nf\n", line;
  for (std::istringstream lines(text); std::getline(lines, line);) result += escaped(line) + "\n";
  return result + ".fi\n";
}

std::string entry(const OptionHelp& option) {
  std::string names = (option.letter.empty() ? "" : bold("-" + option.letter) + ", ") + bold("--" + option.name);
  if (!option.value.empty())
    names +=
        option.value_optional ? "[=\\fI" + escaped(option.value) + "\\fR]" : " \\fI" + escaped(option.value) + "\\fR";
  std::string text = option.text;
  if (!option.default_text.empty()) text += " [default: " + option.default_text + "]";
  return ".TP\n" + names + "\n" + escaped(text) + "\n";
}

std::string section(const CommandHelp& command) {
  std::string text = ".SS ldznet " + command.text.name + "\n" + bold("ldznet " + command.text.name) + " " +
                     escaped(command.text.usage) + "\n.PP\n" + escaped(command.text.description) + "\n";
  std::string group;
  for (const OptionHelp& option : command.options) {
    if (option.group != group) text += ".PP\n" + bold(option.group + ":") + "\n";
    group = option.group;
    text += entry(option);
  }
  return text + ".PP\n" + bold("Examples:") + "\n" + preformatted(command.text.examples);
}

}  // namespace

std::string man_page(const std::vector<CommandHelp>& commands) {
  std::string text =
      ".\\\" Made by ldznet --generate man.\n"
      ".TH LDZNET 1 \"\" \"ldznet " LDZNET_VERSION
      "\" \"User Commands\"\n"
      ".SH NAME\n"
      "ldznet \\- segment what a text names in a picture\n"
      ".SH SYNOPSIS\n"
      "\\fBldznet\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
      ".SH DESCRIPTION\n";
  for (const CommandHelp& command : commands)
    text += ".TP\n" + bold(command.text.name) + "\n" + escaped(command.text.summary) + "\n";
  text +=
      ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrint the commands, or after a command its help.\n"
      ".TP\n\\fB\\-V\\fR, \\fB\\-\\-version\\fR\nPrint the version; with \\fB\\-v\\fR also those of the libraries.\n"
      ".SH COMMANDS\n";
  for (const CommandHelp& command : commands) text += section(command);
  return text +
         ".SH ENVIRONMENT\n"
         "Every option is also read from a variable: \\fB\\-\\-min\\-area\\fR from \\fBLDZNET_MIN_AREA\\fR. The "
         "command "
         "line overrides variables, and they override a configuration file.\n"
         ".TP\n\\fBNO_COLOR\\fR\nDo not use colours.\n";
}

}  // namespace ldznet::cli
