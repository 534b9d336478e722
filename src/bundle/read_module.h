#pragma once

#include <torch/script.h>

#include <memory>
#include <string>
#include <vector>

#include "bundle/verified_file.h"

namespace ldznet {

/// Reads the module in a TorchScript archive. Its weights stay where they are in `file`, which lives as long as one of
/// them; the pages of a weight are unmapped with it. Faster than torch::jit::load, which also copies every weight,
/// reads debug information, and searches every submodule for quantized convolutions of early LibTorch versions. Of the
/// network's own methods, only `methods` and those that they call are read, and some of PyTorch's functions are
/// shortened (bundle/class_texts.h).
/// Throws what LibTorch throws for anything but such an archive, and std::runtime_error for a class that has
/// __setstate__, which no network of a bundle needs.
torch::jit::Module read_module(std::shared_ptr<const VerifiedFile> file, const std::vector<std::string>& methods);

}  // namespace ldznet
