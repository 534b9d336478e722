#include "cli/args/option_setters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace ldznet::cli {

namespace {

[[noreturn]] void refuse(const std::string& allowed, const std::string& value) {
  throw std::invalid_argument("must be " + allowed + ", not \"" + value + "\"");
}

std::string shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

/// Parses a number that takes up the whole text and lies within the limits.
template <typename Number>
Number parse(const std::string& value, Number low, Number high, const std::string& allowed) {
  Number number{};
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end || !(number >= low && number <= high)) refuse(allowed, value);
  return number;
}

template <typename Variable, typename Number>
Setter integer_into(Variable& variable, Number low, Number high) {
  const std::string allowed = high == std::numeric_limits<Number>::max()
                                  ? "a whole number, " + std::to_string(low) + " or more"
                                  : "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  return {[&variable, low, high, allowed](const std::string& value) {
    variable = parse<Number>(value, low, high, allowed);
  }};
}

template <typename Variable>
Setter string_into(Variable& variable) {
  return {[&variable](const std::string& value) {
    if (value.empty()) throw std::invalid_argument("must not be empty");
    variable = value;
  }};
}

void require_word(const std::vector<std::string>& allowed, const std::string& word) {
  if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) refuse(joined(allowed, " or "), word);
}

constexpr std::array<std::pair<const char*, const char*>, 9> kColors = {{{"white", "#ffffff"},
                                                                         {"black", "#000000"},
                                                                         {"gray", "#808080"},
                                                                         {"red", "#ff0000"},
                                                                         {"green", "#008000"},
                                                                         {"blue", "#0000ff"},
                                                                         {"yellow", "#ffff00"},
                                                                         {"cyan", "#00ffff"},
                                                                         {"magenta", "#ff00ff"}}};  // as in CSS

std::vector<std::string> color_names() {
  std::vector<std::string> names;
  names.reserve(kColors.size());
  for (const auto& [name, code] : kColors) names.emplace_back(name);
  return names;
}

constexpr int kMostParts = 1000000;

/// The number in a variable; nothing when it is not set or empty. Throws std::invalid_argument for other text.
std::optional<int> number_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return std::nullopt;
  int number = 0;
  try {
    integer(number, 0, kMostParts)(value);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("reads ") + variable + ", which " + error.what());
  }
  return number;
}

/// The index of this part, from 1, as the cluster's scheduler sets it.
int index_from_environment() {
  if (const auto task = number_in("SLURM_ARRAY_TASK_ID"))
    return *task - number_in("SLURM_ARRAY_TASK_MIN").value_or(0) + 1;
  if (const auto job = number_in("JOB_COMPLETION_INDEX")) return *job + 1;
  throw std::invalid_argument("has no index, and neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set");
}

int count_from_environment() {
  if (const auto count = number_in("SLURM_ARRAY_TASK_COUNT")) return *count;
  throw std::invalid_argument("auto needs SLURM_ARRAY_TASK_COUNT; give the count instead, as in /8");
}

/// Writes `of_true` for a value that means true, else its opposite.
Setter boolean_into(bool& variable, bool of_true) {
  return {[&variable, of_true](const std::string& value) {
    const std::optional<bool> said = parse_boolean(value);
    if (!said) refuse("true or false", value);
    variable = *said == of_true;
  }};
}

}  // namespace

std::optional<bool> parse_boolean(const std::string& value) {
  constexpr std::array<std::string_view, 4> kYes = {"true", "yes", "on", "1"}, kNo = {"false", "no", "off", "0"};
  if (std::find(kYes.begin(), kYes.end(), value) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), value) != kNo.end()) return false;
  return std::nullopt;
}

Setter boolean(bool& variable) { return boolean_into(variable, true); }
Setter negated_boolean(bool& variable) { return boolean_into(variable, false); }

Setter string(std::string& variable) { return string_into(variable); }
Setter string(std::optional<std::string>& variable) { return string_into(variable); }

Setter append_string(std::vector<std::string>& variable) {
  return {[&variable](const std::string& value) { variable.push_back(value); }};
}

Setter choice(std::string& variable, const std::vector<std::string>& allowed) {
  return {[&variable, allowed](const std::string& value) {
            require_word(allowed, value);
            variable = value;
          },
          allowed};
}

Setter choice_list(std::vector<std::string>& variable, const std::vector<std::string>& allowed) {
  return {[&variable, allowed](const std::string& value) {
            for (const std::string& word : split(value, ',')) {
              require_word(allowed, word);
              append_new(variable, word);
            }
          },
          allowed, true};
}

Setter kind_list(std::vector<OutputKind>& variable) {
  return {[&variable](const std::string& value) {
            for (const std::string& word : split(value, ',')) {
              require_word(savable_kinds(), word);
              append_new(variable, kind_of(word));
            }
          },
          savable_kinds(), true};
}

Setter string_list(std::vector<std::string>& variable) {
  return {[&variable](const std::string& value) {
    for (const std::string& part : split(value, ',')) {
      if (part.empty())
        throw std::invalid_argument("must be a comma-separated list without empty parts, not \"" + value + "\"");
      variable.push_back(part);
    }
  }};
}

Setter integer_list(std::vector<int>& variable, int low, int high) {
  const std::string allowed =
      "a comma-separated list of whole numbers from " + std::to_string(low) + " to " + std::to_string(high);
  return {[&variable, low, high, allowed](const std::string& value) {
    for (const std::string& part : split(value, ',')) variable.push_back(parse<int>(part, low, high, allowed));
  }};
}

Setter integer(int& variable, int low, int high) { return integer_into(variable, low, high); }
Setter integer(std::optional<int>& variable, int low, int high) { return integer_into(variable, low, high); }
Setter integer(std::uint64_t& variable, std::uint64_t low, std::uint64_t high) {
  return integer_into(variable, low, high);
}

Setter color(std::optional<std::array<std::uint8_t, 3>>& variable) {
  return {
      [&variable](const std::string& value) {
        std::string digits = value;
        for (const auto& [name, code] : kColors)
          if (value == name) digits = code;
        if (digits.size() == 4)
          digits = std::string{'#', digits[1], digits[1], digits[2], digits[2], digits[3], digits[3]};
        std::uint32_t number = 0;
        const char* const last = digits.data() + digits.size();
        if (digits.size() != 7 || digits[0] != '#' || std::from_chars(digits.data() + 1, last, number, 16).ptr != last)
          refuse("a colour such as white or #ff8000", value);
        const auto byte = [&](int shift) { return static_cast<std::uint8_t>(number >> shift); };
        variable = {byte(16), byte(8), byte(0)};
      },
      color_names()};
}

Setter number(std::optional<double>& variable, double low, double high) {
  const std::string allowed = "a number from " + shown(low) + " to " + shown(high);
  return {[&variable, low, high, allowed](const std::string& value) {
    variable = parse<double>(value, low, high, allowed);
  }};
}

Setter shard(Shard& variable) {
  return {[&variable](const std::string& value) {
    Shard part;
    if (value == "auto") {
      part = {index_from_environment(), count_from_environment()};
    } else {
      const std::size_t slash = value.find('/');
      if (slash == std::string::npos)
        throw std::invalid_argument("must be a part and the number of parts, as in 2/8, not \"" + value + "\"");
      integer(part.count, 1, kMostParts)(value.substr(slash + 1));
      if (slash == 0)
        part.index = index_from_environment();
      else
        integer(part.index, 1, part.count)(value.substr(0, slash));
    }
    if (part.index < 1 || part.index > part.count)
      throw std::invalid_argument("is part " + std::to_string(part.index) + " of " + std::to_string(part.count) +
                                  "; parts count from 1");
    variable = part;
  }};
}

}  // namespace ldznet::cli
