#pragma once

#include "image/open_picture.h"

namespace ldznet {

/// The picture in sRGB, 8 bits, when it has a colour profile that says something else; nothing when it is shown as it
/// is: without a profile, with one of sRGB, and with one that cannot be used.
VipsPicture converted_to_srgb(const OpenPicture& picture);

}  // namespace ldznet
