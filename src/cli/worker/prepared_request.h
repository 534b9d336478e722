#pragma once

#include <future>
#include <optional>
#include <string>

#include "cli/args/segment_options.h"
#include "cli/segment/job.h"
#include "cli/segment/load_picture.h"
#include "ldznet/error.h"

namespace ldznet::cli {

/// A request after everything that can be done without the networks.
struct PreparedRequest {
  std::string id;                      ///< JSON, repeated in the answer
  std::optional<Error> refusal;        ///< the request is invalid: nothing below is set
  SegmentJob job;                      ///< for one picture
  std::optional<std::string> encoded;  ///< the picture's bytes, if they came with the request
  std::string sha256;                  ///< of the picture's bytes
  DecodedPicture picture;
  std::optional<Error> error;  ///< the picture cannot be read: no image
};

/// Reads and plans a request; the picture is not loaded yet.
PreparedRequest prepare(const std::string& line, const SegmentCommand& defaults);

/// Loads the request's picture in a thread of its own.
std::future<PreparedRequest> load_later(PreparedRequest prepared);

/// Whether two requests differ only in their prompts, as far as the networks are concerned, and so can share a pass. A
/// request that writes files is always on its own: whether it may write them depends on what earlier requests wrote.
bool can_share(const PreparedRequest& first, const PreparedRequest& other);

}  // namespace ldznet::cli
