#include "image/encode_jpeg.h"

#include "image/vips_picture.h"
#include "ldznet/error.h"

namespace ldznet {

std::string encode_jpeg(const Image& image, int quality) {
  start_vips();
  const VipsPicture picture(
      vips_image_new_from_memory(image.rgb.data(), image.rgb.size(), image.width, image.height, 3, VIPS_FORMAT_UCHAR));
  void* data = nullptr;
  std::size_t length = 0;
  if (!picture || vips_jpegsave_buffer(picture.get(), &data, &length, "Q", quality, "strip", TRUE, nullptr) != 0)
    throw Error(ErrorCode::internal, "cannot encode a JPEG: " + take_vips_error());
  const std::unique_ptr<void, decltype(&g_free)> owned(data, g_free);
  return {static_cast<const char*>(data), length};
}

}  // namespace ldznet
