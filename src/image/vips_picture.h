#pragma once

#include <vips/vips.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "image/format/content.h"

namespace ldznet {

struct VipsUnref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};

/// A picture of libvips, whose pixels are computed when they are asked for.
using VipsPicture = std::unique_ptr<VipsImage, VipsUnref>;

/// The result of an operation of libvips: `operation(VipsImage** out)` runs it and returns its error code. Nothing when
/// it failed.
template <typename Operation>
VipsPicture result_of(Operation operation) {
  VipsImage* image = nullptr;
  return VipsPicture(operation(&image) == 0 ? image : nullptr);
}

/// Starts libvips; any number of calls. Afterwards it has no cache, writes nothing to stderr, and can run the loaders
/// of load_picture and no other.
void start_vips();

/// Opens a picture with its type's own loader, from memory; `encoded` must outlive the result. Pixels are decoded row
/// by row, so rows must be read in order. `page` is a TIFF file's page. Nothing when the loader refuses it. BMP has no
/// loader in libvips.
VipsPicture load_picture(PictureType type, std::span<const std::byte> encoded, int page);

/// A block of bytes among a picture's metadata, for example "icc-profile-data"; empty when it has none.
std::span<const std::byte> metadata(VipsImage* image, const char* name);

/// Closes a picture whose pixels have been read. Returns whether its decoder warned of damage, which libjpeg's tells
/// only then if it is in the last rows.
bool close_picture(VipsPicture picture);

/// Removes and returns what libvips noted about the last error in this process.
std::string take_vips_error();

}  // namespace ldznet
