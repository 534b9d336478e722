#pragma once

#include <string>

#include "ldznet/image.h"

namespace ldznet {

/// The bytes of a JPEG file; `quality` from 1 to 100.
std::string encode_jpeg(const Image& image, int quality);

}  // namespace ldznet
