#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "cli/process/decoded_picture.h"
#include "cli/segment/inputs.h"
#include "cli/segment/job.h"
#include "ldznet/image.h"

namespace ldznet::cli {

/// The encoded bytes of an input, from its file or from stdin. Throws Error(missing_input), Error(bad_image) and
/// Interrupted.
std::string read_encoded(const Input& input);

/// Decodes a picture of a job; `input` names it in messages. Throws Error(bad_image).
DecodedPicture decode_picture(const SegmentJob& job, const Input& input, std::span<const std::byte> encoded);

/// Logs a picture's warnings. Decoding itself does not, because it happens before the picture's turn.
void log_warnings(const Input& input, const Image& image);

}  // namespace ldznet::cli
