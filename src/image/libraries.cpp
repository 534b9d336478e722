#include "image/libraries.h"

#include <vips/vips.h>

#include <opencv2/core/utility.hpp>

namespace ldznet {

std::string vips_library_version() {
  return std::to_string(vips_version(0)) + "." + std::to_string(vips_version(1)) + "." +
         std::to_string(vips_version(2));
}

std::string opencv_library_version() { return cv::getVersionString(); }

}  // namespace ldznet
