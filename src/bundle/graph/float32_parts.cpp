#include "bundle/graph/float32_parts.h"

#include <torch/csrc/jit/ir/ir.h>

#include <string_view>

#include "bundle/graph/graph_nodes.h"

namespace ldznet {

namespace {

using torch::jit::Node;

constexpr std::string_view kPart = "semantic";

/// Whether a node calls a method of the network's part.
bool calls_part(const torch::jit::Graph& graph, const Node& call) {
  const Node& owner = *call.input(0)->node();
  return owner.kind() == c10::prim::GetAttr && owner.s(c10::attr::name) == kPart && owner.input() == graph.inputs()[0];
}

}  // namespace

std::set<const c10::TensorImpl*> float32_weights(const torch::jit::Module& network) {
  std::set<const c10::TensorImpl*> weights;
  for (const auto& [name, part] : network.named_children()) {
    if (name != kPart) continue;
    for (const at::Tensor& parameter : part.parameters()) weights.insert(parameter.unsafeGetTensorImpl());
    for (const at::Tensor& buffer : part.buffers()) weights.insert(buffer.unsafeGetTensorImpl());
  }
  return weights;
}

void convert_for_float32_parts(const torch::jit::Module& network) {
  for (const torch::jit::Method& method : network.get_methods()) {
    torch::jit::Graph& graph = *method.graph();
    for (Node* call : find_nodes(graph, c10::prim::CallMethod)) {
      if (!calls_part(graph, *call)) continue;
      const torch::jit::WithInsertPoint here(call);
      for (std::size_t i = 1; i < call->inputs().size(); ++i)
        if (call->input(i)->type()->isSubtypeOf(*c10::TensorType::get()))
          call->replaceInput(i, graph.insert(c10::aten::to, {call->input(i), static_cast<std::int64_t>(at::kFloat)}));
    }
  }
}

}  // namespace ldznet
