#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cli/args/segment_options.h"
#include "ldznet/error.h"

namespace ldznet::cli {

/// The longest line that is read, in bytes.
constexpr std::size_t kLongestRequest = std::size_t{64} << 20;

/// One request to a worker, or the reason why a line is not one.
struct PictureRequest {
  std::string id = "null";             ///< JSON, repeated in the answer
  SegmentCommand command;              ///< the worker's defaults with the request's options
  std::string picture;                 ///< its file; empty when `encoded` has it
  std::optional<std::string> encoded;  ///< the bytes of the picture's file
  std::optional<Error> error;          ///< why the line is not a request; only `id` is valid then
};

/// Parses a request, a JSON object; what it leaves out is as in `defaults`. Errors are returned, not thrown.
PictureRequest read_request(const std::string& line, const SegmentCommand& defaults);

}  // namespace ldznet::cli
