#include "cli/process/decoded_picture.h"

#include "base/stage_timer.h"

namespace ldznet::cli {

DecodedPicture decode_picture(std::span<const std::byte> encoded, const std::string& name, std::uint64_t max_pixels,
                              bool keep_own) {
  const Stopwatch stopwatch;
  auto image = std::make_shared<Image>(decode_image(encoded, name, max_pixels));
  if (keep_own) image->own = own_pixels(encoded, name, max_pixels);
  return {std::move(image), stopwatch.milliseconds()};
}

}  // namespace ldznet::cli
