#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

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

}  // namespace ldznet::cli
