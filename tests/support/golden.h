#pragma once

#include <torch/script.h>

#include <filesystem>
#include <string>

namespace ldznet {

/// The folder that tests/support/golden_bundle.py made; $LDZNET_GOLDEN names it. Throws std::runtime_error without it.
std::filesystem::path golden_folder();

/// An array of tests/golden/golden.npz, int64 or float32. Throws when there is none of this name.
at::Tensor golden(const std::string& name);

}  // namespace ldznet
