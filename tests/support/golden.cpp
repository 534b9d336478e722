#include "support/golden.h"

#include <torch/csrc/jit/serialization/pickle.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace ldznet {

std::filesystem::path golden_folder() {
  const char* folder = std::getenv("LDZNET_GOLDEN");
  if (folder == nullptr) throw std::runtime_error("run through ctest, which sets LDZNET_GOLDEN");
  return folder;
}

at::Tensor golden(const std::string& name) {
  static const c10::IValue arrays = [] {
    std::ifstream stream(golden_folder() / "golden.pt", std::ios::binary);
    return torch::jit::pickle_load(std::vector<char>(std::istreambuf_iterator<char>(stream), {}));
  }();
  return arrays.toGenericDict().at(name).toTensor();
}

}  // namespace ldznet
