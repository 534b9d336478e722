#include "image/threads.h"

#include <vips/vips.h>

#include <opencv2/core/utility.hpp>

namespace ldznet {

void set_picture_threads(int threads) {
  cv::setNumThreads(threads > 0 ? threads : -1);
  vips_concurrency_set(threads);
}

}  // namespace ldznet
