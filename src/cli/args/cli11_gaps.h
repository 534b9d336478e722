#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// What this program's command line needs and CLI11 2.1.2 (Debian 12) does not do. The rest is CLI11's work: the table
/// of options, splitting the command line, repeated options, calling the setters, the help flag and the frame of the
/// help text.
///
/// - One CLI::App per command and no subcommands. A subcommand takes a file called `++` as its own end, and the options
///   of all commands would be built on every start.
/// - No CLI11 positionals. They unpack a folder called "[a,b]" as a list and accept the typing errors `---json` and
///   `-5` as files. App::remaining() has the words as they were written.
/// - No envname() and set_config(). They apply the file before the variables, although variables should win, and
///   neither can say in an error that a value came from LDZNET_SEED or from line 3 of run.toml.
/// - No excludes(). It counts `--quiet=false` as given, and refuses a flag and a variable that exclude each other,
///   although the flag should win.
/// - No bound numbers and booleans. CLI11 reads 010 as 8, and its conversion errors are text that names neither the
///   source nor the range; option_setters.h has the conversions instead.
/// - expected(0, 1) takes any next word as an optional value.
namespace ldznet::cli {

/// Options whose value is optional, with the endings by which the next word is recognised as their value.
using OptionalValues = std::map<const CLI::Option*, std::vector<std::string>>;

/// A value that an option's setter refused.
struct BadValue : std::runtime_error {
  BadValue(std::string long_name, const std::string& reason) : runtime_error(reason), option(std::move(long_name)) {}
  std::string option;  ///< its long name
};

/// The arguments with each optional value attached to its option by "=", so that CLI11 need not guess.
/// Throws Error(usage) for a long name with one dash, because CLI11 would read `-prompt` as -p with the value "rompt",
/// and for an option in the place of another's value.
std::vector<std::string> attach_optional_values(const CLI::App& app, const OptionalValues& optional,
                                                const std::vector<std::string>& arguments);

/// The option that CLI::ArgumentMismatch is about, which only its text says: CLI11 takes the next word for a value
/// whatever it looks like, so the last word is an option. Null when there is no such option.
const CLI::Option* option_without_value(const CLI::App& app, const std::string& last_argument);

/// True for `-x`, `--x`, `-5` and `---x`, but not for `-`.
bool is_option_like(const std::string& word);

/// Pairs of options of which only one may be given.
class ExclusiveOptions {
 public:
  void add(const CLI::Option* first, const CLI::Option* second) { pairs_.emplace_back(first, second); }

  /// Throws Error(usage) with `hint` when both of a pair are given.
  void check(const std::string& hint) const;

  /// True when a pair's other option is given.
  bool rule_out(const CLI::Option* option) const;

 private:
  std::vector<std::pair<const CLI::Option*, const CLI::Option*>> pairs_;
};

}  // namespace ldznet::cli
