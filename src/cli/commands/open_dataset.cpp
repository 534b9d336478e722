#include "cli/commands/open_dataset.h"

#include <cstddef>

#include "ldznet/error.h"

namespace ldznet::cli {

Dataset open_dataset(const std::string& folder, const std::string& split, int limit) {
  Dataset dataset = read_dataset(folder, split, static_cast<std::size_t>(limit));
  if (!split.empty() && !dataset.phrasecut)
    throw Error(ErrorCode::usage, "--split " + split + ": " + folder + " is not a PhraseCut folder",
                "A folder with manifest.jsonl has one split only.");
  return dataset;
}

}  // namespace ldznet::cli
