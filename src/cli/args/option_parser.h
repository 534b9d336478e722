#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/args/config_file.h"
#include "ldznet/error.h"

namespace ldznet::cli {

/// Takes one value of an option as the user wrote it. Throws std::invalid_argument whose text goes on after the
/// option's name: `must be a number from 0 to 1, not "2"`.
using Setter = std::function<void(const std::string& value)>;

/// One option of a command: how it is written, what it means, and where its value goes.
struct Option {
  std::string names;              ///< "-p,--prompt"; the long name is also the configuration's key, and LDZNET_PROMPT
  std::string value = {};         ///< what stands for the value in the help, "TEXT"; empty: a switch
  std::string help = {};          ///< one or two sentences
  std::string default_text = {};  ///< what holds without it, for the help; empty: nothing worth saying
  Setter set;                     ///< called with the last value, or with every value in turn when repeatable
  bool repeatable = false;
  /// For an option whose value may be left out: the value that stands for none. The word behind it is its value only
  /// when it ends with one of `value_endings`, so that `--json picture.png` still reads the picture.
  std::optional<std::string> implicit_value = std::nullopt;
  std::vector<std::string> value_endings = {};
};

/// What a command says about itself.
struct CommandText {
  std::string name;              ///< "segment"
  std::string summary = {};      ///< one line
  std::string usage = {};        ///< what stands behind the name in the usage line
  std::string description = {};  ///< what the words mean that are no options; a paragraph
  std::string examples = {};     ///< lines for the end of the help
};

/// The options of one command and the ways to fill them: the command line, LDZNET_* variables, and the TOML file that
/// the option --config names, if the command has one. The earlier way wins, option by option.
class OptionParser {
 public:
  explicit OptionParser(CommandText text) : text_(std::move(text)) {}

  /// Options added from here on stand under this title in the help.
  void group(const std::string& title) { group_ = title; }
  void add(Option option);

  /// Where the words go that are no options; `least` to `most` of them.
  void positionals(std::vector<std::string>& into, std::size_t least, std::size_t most);

  /// Two options of which one at most may be given, by their long names. What a stronger source says about one keeps a
  /// weaker source's word about the other out.
  void exclusive(const std::string& first, const std::string& second) { exclusive_.emplace_back(first, second); }

  /// Calls the setters. Returns false, with nothing set, when the help is asked for.
  /// Throws Error(usage) for the command line, Error(bad_config) for a variable or the configuration file, and
  /// Error(missing_input) when that file is not there.
  bool parse(const std::vector<std::string>& arguments);

  /// Takes settings from elsewhere, as a configuration file gives them, for options that have no value yet; `code` is
  /// that of the Error thrown for a name or value that is wrong.
  void set(const std::vector<Setting>& settings, ErrorCode code);

  /// The text of `--help`.
  std::string help() const;

  /// Long name and value word of every option, for what is generated from them.
  std::vector<std::string> long_names() const;

 private:
  struct Entry {
    std::string group;
    Option option;
    std::vector<std::string> values;  ///< of the strongest source that has some
    bool off = false;                 ///< that source says no
    bool given() const { return !values.empty() && !off; }
  };

  std::vector<std::string> attach_optional_values(const std::vector<std::string>& arguments) const;
  bool read_command_line(const std::vector<std::string>& arguments);
  void read_positionals(const std::vector<std::string>& rest);
  void read_environment();
  void take(Entry& entry, std::vector<std::string> values, const std::string& origin, ErrorCode code);
  bool ruled_out(const Entry& entry) const;
  const Entry* find(const std::string& name) const;
  Entry* find(const std::string& name);
  std::string hint() const;

  CommandText text_;
  std::string group_ = "Options";
  std::vector<Entry> entries_;
  std::vector<std::string>* positionals_ = nullptr;
  std::size_t least_positionals_ = 0, most_positionals_ = 0;
  std::vector<std::pair<std::string, std::string>> exclusive_;
};

/// The long name of an option without its dashes: "-p,--prompt" -> "prompt".
std::string long_name(const Option& option);

}  // namespace ldznet::cli
