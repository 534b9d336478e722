#pragma once

#include "cli/process/run.h"

namespace ldznet::cli {

/// The entry of libldznet.so, which is loaded now from the program's folder or ../lib. The program itself stays free of
/// LibTorch and OpenCV, whose hundred libraries take a third of a second to load: help, version and mistakes on the
/// command line are answered at once. Throws Error(internal).
Entry* load_library();

}  // namespace ldznet::cli
