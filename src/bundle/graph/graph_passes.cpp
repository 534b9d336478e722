#include "bundle/graph/graph_passes.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bundle/graph/graph_nodes.h"

namespace ldznet {

namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;

const c10::Symbol kAttention = c10::Symbol::fromQualString("ldznet::attention");
const c10::Symbol kGroupNorm = c10::Symbol::fromQualString("ldznet::group_norm");

/// Whether this is attention(q, k, v, heads, causal) of scripts/ldznet_training/attention.py, which all attention
/// layers call. Older bundles contain it by the name that its package had before.
bool is_attention(const torch::jit::Function& function) {
  const std::string name = function.qualname().qualifiedName();
  if (!name.ends_with("ldznet_training.attention.attention") && !name.ends_with("ldznet.attention.attention"))
    return false;
  std::string arguments;
  for (const c10::Argument& argument : function.getSchema().arguments())
    arguments += argument.name() + ":" + argument.type()->str() + " ";
  return arguments == "q:Tensor k:Tensor v:Tensor heads:int causal:bool ";
}

/// Replaces the body of the attention function by a call of ldznet::attention.
void replace_attention(const torch::jit::Module& module) {
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (!is_attention(*function)) continue;
    const std::shared_ptr<Graph> graph = torch::jit::toGraphFunction(*function).graph();
    Node* const call = graph->appendNode(graph->create(kAttention, graph->inputs()));
    graph->block()->replaceOutput(0, call->output());
    torch::jit::EliminateDeadCode(graph);
  }
}

/// Replaces every group_norm, together with a silu that is its only reader.
void replace_group_norms(Graph& graph) {
  for (Node* norm : find_nodes(graph, c10::aten::group_norm)) {
    const auto& uses = norm->output()->uses();
    const bool silu = uses.size() == 1 && uses[0].user->kind() == c10::aten::silu;
    Node* const last = silu ? uses[0].user : norm;
    const torch::jit::WithInsertPoint here(last);
    const auto in = norm->inputs();
    replace_node(last, last, kGroupNorm, {in[0], in[1], in[2], in[3], in[4], graph.insertConstant(silu)});
  }
}

using Graphs = std::vector<std::shared_ptr<Graph>>;

/// Inlines all calls, and those of the inlined functions. torch::jit::Inline would first optimize every function by
/// itself, with an alias analysis, which takes longer than loading the network.
void inline_calls(Block& block) {
  for (auto next = block.nodes().begin(); next != block.nodes().end();) {
    Node* const node = *next++;
    for (Block* inner : node->blocks()) inline_calls(*inner);
    const bool function = node->kind() == c10::prim::CallFunction;
    if (!function && node->kind() != c10::prim::CallMethod) continue;
    torch::jit::GraphFunction* const callee = torch::jit::tryToGraphFunction(node);
    if (!callee) continue;
    if (function) node->removeInput(0);  // the function itself
    Node* const before = node->prev();
    torch::jit::inlineCallTo(node, callee, /*use_graph=*/false);
    next = before->next()->iterator();  // the first inlined node: it may be another call
  }
}

/// The methods' graphs, with all calls inlined and constants propagated. Uses no more passes, because each takes as
/// long as reading the network.
Graphs inlined_graphs(const std::vector<torch::jit::Method>& methods) {
  Graphs graphs;
  for (const torch::jit::Method& method : methods) {
    graphs.push_back(method.graph());
    inline_calls(*graphs.back()->block());
    torch::jit::ConstantPropagationImmutableTypes(graphs.back());
  }
  return graphs;
}

}  // namespace

void use_cpu_operators(torch::jit::Module& module, const Backend& backend, const std::vector<std::string>& methods,
                       const PrepareWeight& prepare) {
  if (!backend.device.is_cpu()) return;
  replace_attention(module);
  bool packs = false;
  for (const at::Tensor& weight : module.parameters()) {
    if (prepare) prepare(weight);
    packs = can_pack(weight);
    if (packs) break;
  }
  const auto is_chosen = [&](const std::string& name) {
    return name == "forward" || (packs && (methods.empty() || std::ranges::find(methods, name) != methods.end()));
  };
  std::vector<torch::jit::Method> chosen;
  for (const torch::jit::Method& method : module.get_methods())
    if (is_chosen(method.name())) chosen.push_back(method);
  const Graphs graphs = inlined_graphs(chosen);
  for (const auto& graph : graphs) replace_group_norms(*graph);
  if (packs) pack_weights(module, graphs, prepare);
  for (const auto& graph : graphs) torch::jit::EliminateDeadCode(graph->block());
}

}  // namespace ldznet
