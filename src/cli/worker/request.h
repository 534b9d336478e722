#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/args/segment_options.h"
#include "ldznet/error.h"

namespace ldznet::cli {

/// A line may be this long.
constexpr std::size_t kLongestRequest = std::size_t{64} << 20;

/// One request to a worker.
struct PictureRequest {
  std::string id = "null";             ///< JSON, as the answer repeats it
  SegmentCommand command;              ///< what is asked
  std::string picture;                 ///< its file; empty: it came with the request
  std::optional<std::string> encoded;  ///< its bytes then
  std::optional<Error> error;          ///< why this is no request; the rest is void then, but for the id
};

/// Reads a request: a JSON object, with the worker's defaults for what it leaves out. Throws nothing of its own.
PictureRequest read_request(const std::string& line, const SegmentCommand& defaults);

}  // namespace ldznet::cli
