#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ldznet/error.h"

namespace ldznet::cli {

/// What an option does with its value.
struct Setter {
  /// Converts the value and stores it. Throws std::invalid_argument with a text that continues a sentence after the
  /// option's name: `must be a number from 0 to 1, not "2"`.
  std::function<void(const std::string& value)> store;
  std::vector<std::string> words = {};  ///< values to suggest in completions; empty: there is no list of them
  bool several = false;                 ///< the value may be several of the words, separated by commas

  void operator()(const std::string& value) const { store(value); }
};

/// One option of a command: how it is written, what it means, and where its value goes.
struct Option {
  std::string names;       ///< "-p,--prompt"; the long name is also the key in a file and the part of LDZNET_PROMPT
  std::string value = {};  ///< placeholder for the value in the help, "TEXT"; empty: a switch without a value
  std::string help = {};   ///< one or two sentences
  std::string default_text = {};  ///< the default, as the help shows it; empty: not shown
  Setter set;                     ///< called with the last value, or with every value in turn when repeatable
  bool repeatable = false;
  /// For an option whose value is optional: the value that the bare option stands for. The next word is taken as its
  /// value only when it has one of the `value_endings`, so that `--json picture.png` still reads the picture.
  std::optional<std::string> implicit_value = std::nullopt;
  std::vector<std::string> value_endings = {};
};

/// The texts of a command's help.
struct CommandText {
  std::string name;              ///< "segment"
  std::string summary = {};      ///< one line
  std::string usage = {};        ///< what follows the name in the usage line
  std::string description = {};  ///< one paragraph: arguments, input and output
  std::string examples = {};     ///< lines at the end of the help
};

/// An option as help, man page and completions show it.
struct OptionHelp {
  std::string group;         ///< the heading that it is listed under; empty: none
  std::string letter, name;  ///< "p" and "prompt"; the letter may be empty
  std::string value;         ///< placeholder for the value; empty: a switch
  bool value_optional = false;
  std::string text, default_text;
  std::vector<std::string> words = {};  ///< see Setter
  bool several = false;                 ///< see Setter
};

/// A command as help, man page and completions show it.
struct CommandHelp {
  CommandText text;
  std::vector<OptionHelp> options;
  bool takes_files = false;  ///< its arguments are names of files or folders
};

/// A value for an option from a variable, a configuration file or a worker's request. Values are text from every
/// source: that is what CLI11's options take, and it makes a value mean the same wherever it is written.
struct Setting {
  std::string name;  ///< the option's long name without dashes
  std::vector<std::string> values;
  std::string origin;  ///< for messages: "run.toml, line 3: threshold"
};

/// The variable that sets an option: "min-area" -> "LDZNET_MIN_AREA".
std::string variable_name(const std::string& long_name);

/// The options of one command and their sources: the command line, LDZNET_* variables, and the TOML file that --config
/// names, if the command has that option. For each option the first source in this order wins.
///
/// CLI11 holds the options, splits the command line and converts values; cli11_gaps.h has the rest and the reasons.
class OptionParser {
 public:
  explicit OptionParser(CommandText text);
  OptionParser(OptionParser&&) noexcept;
  ~OptionParser();

  /// Sets the heading in the help for the options that are added from now on.
  void group(const std::string& title);
  void add(Option option);

  /// Adds --config, the file of further settings.
  void add_config_file();

  /// Accepts from `least` to `most` arguments that are not options, and stores them. They are names of `what` ("the
  /// picture") and must not be empty; without `what` they are any text.
  void positionals(std::vector<std::string>& into, std::size_t least, std::size_t most, const std::string& what = "");

  /// Allows only one of two options, given by their long names. When a stronger source sets one, a weaker source's
  /// value for the other is ignored.
  void exclusive(const std::string& first, const std::string& second);

  /// Calls the setters. Returns false when the help was requested; some values may be set by then.
  /// Throws Error(usage) for the command line, Error(bad_config) for a variable or the configuration file, and
  /// Error(missing_input) when that file does not exist.
  bool parse(const std::vector<std::string>& arguments);

  /// Applies settings to options that have no value yet. Throws Error(`code`) for an unknown name or a wrong value.
  void set(const std::vector<Setting>& settings, ErrorCode code);

  /// The tables of the configuration file that are not this command's, without values.
  const std::vector<Setting>& other_tables() const;

  const CommandHelp& description() const;

  /// The text of `--help`.
  std::string help() const;

 private:
  struct Impl;
  void apply(const Setting& setting, ErrorCode code);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ldznet::cli
