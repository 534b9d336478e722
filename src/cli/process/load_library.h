#pragma once

#include "cli/process/run.h"

namespace ldznet::cli {

/// Loads libldznet.so from the program's folder or ../lib and returns its entry function. The program itself does not
/// link LibTorch, OpenCV and libvips, whose hundred libraries take a third of a second to load, so that help, version
/// and command-line errors are immediate. Throws Error(bad_config), which names the folder that was searched for
/// LibTorch.
Entry* load_library();

}  // namespace ldznet::cli
