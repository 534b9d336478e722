#pragma once

#include <torch/script.h>

#include <string>

#include "bundle/graph/graph_nodes.h"

namespace ldznet {

/// What a method that takes and returns one tensor returns.
inline at::Tensor run(const torch::jit::Module& module, const char* method, const at::Tensor& x) {
  const c10::InferenceMode inference;
  const torch::jit::GraphOptimizerEnabledGuard no_optimizer(false);
  return (*module.find_method(method))({x}).toTensor();
}

/// The number of nodes of a kind, such as "aten::gelu", in a method.
inline std::size_t count(const torch::jit::Module& module, const char* method, const std::string& kind) {
  return find_nodes(*module.get_method(method).graph(), c10::Symbol::fromQualString(kind)).size();
}

}  // namespace ldznet
