#pragma once

namespace ldznet {

/// Sets the number of threads that OpenCV and libvips use; 0: one per core.
void set_picture_threads(int threads);

}  // namespace ldznet
