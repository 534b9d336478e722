#include "cli/process/decoded_picture.h"

#include "base/stage_timer.h"

namespace ldznet::cli {

DecodedPicture decode_picture(std::span<const std::byte> encoded, const std::string& name, std::uint64_t max_pixels) {
  const Stopwatch stopwatch;
  auto image = std::make_shared<const Image>(decode_image(encoded, name, max_pixels));
  return {std::move(image), stopwatch.milliseconds()};
}

}  // namespace ldznet::cli
