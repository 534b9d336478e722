#include "image/threads.h"

#include <opencv2/core/utility.hpp>

namespace ldznet {

void set_picture_threads(int threads) { cv::setNumThreads(threads > 0 ? threads : -1); }

}  // namespace ldznet
