#pragma once

#include <torch/script.h>

#include <memory>

#include "bundle/verified_file.h"

namespace ldznet {

/// Reads the module in a TorchScript archive. Its weights stay where they are in `file`, which lives as long as one of
/// them; the pages of a weight are freed with it. Faster than torch::jit::load, which also copies every weight, reads
/// debug information, and searches every submodule for quantized convolutions of early LibTorch versions.
/// Throws what LibTorch throws for anything but such an archive, and std::runtime_error for a class that has
/// __setstate__, which no network of a bundle needs.
torch::jit::Module read_module(std::shared_ptr<const VerifiedFile> file);

}  // namespace ldznet
