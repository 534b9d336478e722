#include "cli/commands/open_dataset.h"

#include <cstddef>

#include "ldznet/error.h"

namespace ldznet::cli {

namespace {

/// read_dataset() with a hint of what a data set is.
Dataset read(const std::string& folder, const std::string& split, int limit) {
  try {
    return read_dataset(folder, split, static_cast<std::size_t>(limit));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::missing_input || !error.hint().empty()) throw;
    throw Error(error.code(), error.what(), "ldznet eval --help describes the format of a data set.");
  }
}

}  // namespace

Dataset open_dataset(const std::string& folder, const std::string& split, int limit) {
  Dataset dataset = read(folder, split, limit);
  if (!split.empty() && !dataset.phrasecut)
    throw Error(ErrorCode::usage, "--split " + split + ": " + folder + " is not a PhraseCut folder",
                "A folder with manifest.jsonl has one split only.");
  return dataset;
}

}  // namespace ldznet::cli
