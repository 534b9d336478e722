#include "cli/args/help.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace ldznet {

// Defined in a source that cmake/commit.cmake writes.
extern const char* const kCommit;

namespace cli {

namespace {

constexpr std::size_t kUsualWidth = 80, kNarrowest = 60, kWidest = 120;
constexpr std::size_t kColumn = 26;  // where the explanations begin

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter(std::string usage, std::string description)
      : usage_(std::move(usage)), description_(std::move(description)) {}

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    return wrapped(name + ": " + app->get_description(), 0) + "\n\n" + make_usage(app, name) + make_groups(app, mode) +
           make_option(app->get_option("--help"), false) + "\n" + app->get_footer();
  }

  std::string make_usage(const CLI::App*, std::string name) const override {
    return "Usage: " + name + " " + usage_ + "\n\n" + wrapped(description_, 0) + "\n\n";
  }

  std::string make_group(std::string title, bool, std::vector<const CLI::Option*> options) const override {
    std::string text = title + ":\n";
    for (const CLI::Option* option : options) text += make_option(option, false);
    return text;
  }

  std::string make_option(const CLI::Option* option, bool) const override {
    return help_entry(make_option_name(option, false) + make_option_opts(option), make_option_desc(option), kColumn);
  }

  /// "-p, --prompt"; options without a short name are indented to line up with the others.
  std::string make_option_name(const CLI::Option* option, bool) const override {
    const auto& letters = option->get_snames();
    return (letters.empty() ? "    " : "-" + letters.front() + ", ") + "--" + option->get_lnames().front();
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string value = option->get_type_name();
    return value.empty() ? "" : " " + value;
  }

  /// "Seed of the noise. [default: 0]"
  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string standard = option->get_default_str();
    return standard.empty() ? option->get_description() : option->get_description() + " [default: " + standard + "]";
  }

 private:
  std::string usage_, description_;
};

}  // namespace

std::size_t help_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

std::string version_text() {
  const std::string commit = kCommit;
  return LDZNET_VERSION + (commit.empty() ? "" : " (" + commit + ")");
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  std::string result, word;
  std::size_t column = indent;
  while (words >> word) {
    if (column > indent && column + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) result += ' ';
    column += word.size() + (column > indent ? 1 : 0);
    result += word;
  }
  return result;
}

std::string help_entry(const std::string& name, const std::string& text, std::size_t column) {
  const std::string start = "  " + name;
  const std::string gap =
      start.size() + 2 > column ? "\n" + std::string(column, ' ') : std::string(column - start.size(), ' ');
  return start + gap + wrapped(text, column) + "\n";
}

std::string exit_codes(const std::string& done, const std::string& bad_input) {
  return wrapped("Exit codes: 0 " + done + "; 64 bad command line; " +
                     (bad_input.empty() ? "" : "65 " + bad_input + "; ") +
                     "66 input missing; 69 device unavailable; 70 internal error; 73 cannot write; 75 out of memory or "
                     "threads; 78 bad configuration or bundle; 130, 143 interrupted; 141 stdout was closed.",
                 0) +
         "\n";
}

std::shared_ptr<CLI::FormatterBase> help_formatter(const std::string& usage, const std::string& description) {
  return std::make_shared<HelpFormatter>(usage, description);
}

}  // namespace cli

}  // namespace ldznet
