#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// One part of a run that several programs share: picture k of all is in part k % count + 1.
struct Shard {
  int index = 1, count = 1;  ///< index from 1 to count

  /// "2-of-8", for names of files; empty when there is one part only.
  std::string name() const { return count == 1 ? "" : std::to_string(index) + "-of-" + std::to_string(count); }

  /// The pictures of this part, in their order.
  std::vector<std::size_t> of(std::size_t pictures) const {
    std::vector<std::size_t> own;
    for (auto k = static_cast<std::size_t>(index - 1); k < pictures; k += static_cast<std::size_t>(count))
      own.push_back(k);
    return own;
  }
};

/// "2/8"; "/8", whose index is what SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX says; or "auto", which takes the count,
/// too, from SLURM_ARRAY_TASK_COUNT. Never taken from those variables unasked: an array whose tasks have pictures of
/// their own would lose most of them.
Setter shard(Shard& variable);

}  // namespace ldznet::cli
