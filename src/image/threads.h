#pragma once

namespace ldznet {

/// How many threads work on a picture (OpenCV's); 0: one a core.
void set_picture_threads(int threads);

}  // namespace ldznet
