#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/output_kind.h"
#include "cli/args/option_parser.h"

namespace ldznet::cli {

// Setters for the kinds of values that options have. Each writes to a variable that must outlive it.

/// True for "true", "yes", "on" and "1", false for "false", "no", "off" and "0"; nothing for any other text.
std::optional<bool> parse_boolean(const std::string& value);
Setter boolean(bool& variable);
Setter negated_boolean(bool& variable);

/// Any text that is not empty.
Setter string(std::string& variable);
Setter string(std::optional<std::string>& variable);

/// Any text, appended to a list.
Setter append_string(std::vector<std::string>& variable);

/// One of the allowed words.
Setter choice(std::string& variable, const std::vector<std::string>& allowed);

/// Comma-separated allowed words, appended to a list without repetitions.
Setter choice_list(std::vector<std::string>& variable, const std::vector<std::string>& allowed);

/// Comma-separated kinds of files that --save takes, appended to a list without repetitions.
Setter kind_list(std::vector<OutputKind>& variable);

/// Comma-separated texts, none of them empty, appended to a list.
Setter string_list(std::vector<std::string>& variable);

/// Comma-separated integers from `low` to `high`, appended to a list.
Setter integer_list(std::vector<int>& variable, int low, int high);

/// An integer from `low` to `high` in decimal digits.
Setter integer(int& variable, int low, int high);
Setter integer(std::optional<int>& variable, int low, int high);
Setter integer(std::uint64_t& variable, std::uint64_t low, std::uint64_t high);

/// One part of a run that is split over several processes. Picture k (from 0) belongs to part k % count + 1.
struct Shard {
  int index = 1, count = 1;  ///< index from 1 to count

  /// "2-of-8", for file names; empty when there is only one part.
  std::string name() const { return count == 1 ? "" : std::to_string(index) + "-of-" + std::to_string(count); }

  /// The indices of this part's pictures, ascending.
  std::vector<std::size_t> of(std::size_t pictures) const {
    std::vector<std::size_t> own;
    for (auto k = static_cast<std::size_t>(index - 1); k < pictures; k += static_cast<std::size_t>(count))
      own.push_back(k);
    return own;
  }
};

/// Accepts "2/8"; "/8", which takes the index from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX; and "auto", which also
/// takes the count from SLURM_ARRAY_TASK_COUNT. The variables are read only on request: in an array whose tasks have
/// pictures of their own, each task would otherwise skip most of its pictures.
Setter shard(Shard& variable);

/// A colour by one of nine names, as CSS defines them, or as #rrggbb or #rgb: red, green, blue.
Setter color(std::optional<std::array<std::uint8_t, 3>>& variable);

/// A finite number from `low` to `high`.
Setter number(std::optional<double>& variable, double low, double high);

}  // namespace ldznet::cli
