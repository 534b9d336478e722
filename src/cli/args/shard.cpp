#include "cli/args/shard.h"

#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "cli/args/option_setters.h"

namespace ldznet::cli {

namespace {

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

}  // namespace

Setter shard(Shard& variable) {
  return [&variable](const std::string& value) {
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
  };
}

}  // namespace ldznet::cli
