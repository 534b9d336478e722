#pragma once

#include <string>

#include "data/dataset.h"

namespace ldznet::cli {

/// Reads the data set that the command line names; `split` and `limit` are the values of --split and --limit. Throws
/// Error(usage) for a split of a data set that is not PhraseCut's, and what read_dataset() throws.
Dataset open_dataset(const std::string& folder, const std::string& split, int limit);

}  // namespace ldznet::cli
