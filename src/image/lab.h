#pragma once

#include "image/vips_picture.h"

namespace ldznet {

/// Whether the picture is in CIELAB, as TIFF files may be.
bool is_lab(VipsImage* picture);

/// A CIELAB picture, with the white point D50 as in colour profiles, in sRGB, 8 bits. Nothing when libvips cannot
/// convert it.
VipsPicture lab_in_srgb(VipsImage* picture);

}  // namespace ldznet
