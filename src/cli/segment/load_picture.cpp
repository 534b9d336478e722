#include "cli/segment/load_picture.h"

#include "base/log.h"
#include "cli/process/text_input.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kLargestPicture = std::size_t{512} << 20;  // bytes of an encoded picture on stdin

}  // namespace

std::string read_encoded(const Input& input) {
  return input.path.empty() ? read_stdin(kLargestPicture) : read_picture_file(input.path);
}

DecodedPicture decode_picture(const SegmentJob& job, const Input& input, std::span<const std::byte> encoded) {
  const bool keep_own = job.makes(OutputKind::cutout);
  return decode_picture(encoded, input.name == "-" ? "stdin" : input.name, job.max_pixels, keep_own);
}

void log_warnings(const Input& input, const Image& image) {
  for (const std::string& warning : image.warnings) log::warn(input.name + ": " + warning);
}

}  // namespace ldznet::cli
