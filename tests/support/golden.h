#pragma once

#include <torch/script.h>

#include <filesystem>
#include <string>

namespace ldznet {

/// The folder made by tests/support/golden_bundle.py, from $LDZNET_GOLDEN. Throws std::runtime_error when it is not
/// set.
std::filesystem::path golden_folder();

/// An array of tests/golden/golden.npz, int64 or float32. Throws when it has none of this name.
at::Tensor golden(const std::string& name);

}  // namespace ldznet
