#pragma once

#include <string>

#include "image/open_picture.h"

namespace ldznet {

/// The picture in sRGB, 8 bits, when it has a colour profile that says something else; nothing when it is shown as it
/// is: without a profile, with one of sRGB, and with one that cannot be used.
VipsPicture converted_to_srgb(const OpenPicture& picture);

/// The ICC profile of a picture's RGB samples, also one of sRGB; empty when it has none or one that cannot be used.
std::string rgb_profile(const OpenPicture& picture);

}  // namespace ldznet
