#pragma once

#include <torch/csrc/jit/ir/ir.h>
#include <torch/script.h>

#include <functional>
#include <memory>
#include <vector>

namespace ldznet {

/// Called with a weight before it is read.
using PrepareWeight = std::function<void(const at::Tensor& weight)>;

/// Gives the layers in a network's graphs, which are inlined, the fastest of compute/'s operators. These need weights
/// in a form of their own: it becomes an attribute of the module, shared by all graphs, and the original weight is
/// freed. A weight that is used for anything else stays as it is.
void pack_weights(torch::jit::Module& module, const std::vector<std::shared_ptr<torch::jit::Graph>>& graphs,
                  const PrepareWeight& prepare);

/// Whether this CPU has an operator for which pack_weights() packs this weight.
bool can_pack(const at::Tensor& weight);

}  // namespace ldznet
