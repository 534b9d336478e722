#include "bundle/graph_passes.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/peephole.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compute/winograd.h"

namespace ldznet {

namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

const c10::Symbol kAttention = c10::Symbol::fromQualString("ldznet::attention");
const c10::Symbol kGroupNorm = c10::Symbol::fromQualString("ldznet::group_norm");
const c10::Symbol kWinograd = c10::Symbol::fromQualString("ldznet::winograd");

/// Whether this is scripts/ldznet/attention.py's attention(q, k, v, heads, causal), which all attention goes through.
bool is_attention(const torch::jit::Function& function) {
  if (!function.qualname().qualifiedName().ends_with("ldznet.attention.attention")) return false;
  std::string arguments;
  for (const c10::Argument& argument : function.getSchema().arguments())
    arguments += argument.name() + ":" + argument.type()->str() + " ";
  return arguments == "q:Tensor k:Tensor v:Tensor heads:int causal:bool ";
}

/// It becomes a call of our operator.
void replace_attention(const torch::jit::Module& module) {
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (!is_attention(*function)) continue;
    const std::shared_ptr<Graph> graph = torch::jit::toGraphFunction(*function).graph();
    Node* const own = graph->appendNode(graph->create(kAttention, graph->inputs()));
    graph->block()->replaceOutput(0, own->output());
    torch::jit::EliminateDeadCode(graph);
  }
}

/// All nodes of a kind, also those inside of branches and loops.
void find_nodes(Block* block, c10::Symbol kind, std::vector<Node*>& found) {
  for (Node* node : block->nodes()) {
    if (node->kind() == kind) found.push_back(node);
    for (Block* inner : node->blocks()) find_nodes(inner, kind, found);
  }
}

std::vector<Node*> find_nodes(Graph& graph, c10::Symbol kind) {
  std::vector<Node*> found;
  find_nodes(graph.block(), kind, found);
  return found;
}

/// A node of our own before `at`, whose output stands for that of `replaced`.
void replace(Node* at, Node* replaced, c10::Symbol kind, const std::vector<Value*>& inputs) {
  Graph& graph = *at->owningGraph();
  Node* const own = graph.create(kind, inputs);
  own->insertBefore(at);
  replaced->output()->replaceAllUsesWith(own->output());
}

/// group_norm, and the silu that alone reads it.
void replace_group_norms(Graph& graph) {
  for (Node* norm : find_nodes(graph, c10::aten::group_norm)) {
    const auto& uses = norm->output()->uses();
    const bool silu = uses.size() == 1 && uses[0].user->kind() == c10::aten::silu;
    Node* const last = silu ? uses[0].user : norm;
    const torch::jit::WithInsertPoint here(last);
    const auto in = norm->inputs();
    replace(last, last, kGroupNorm, {in[0], in[1], in[2], in[3], in[4], graph.insertConstant(silu)});
  }
}

/// The tensor behind a chain of attributes that begins with the method's self; nothing for other values.
std::optional<c10::IValue> attribute(const torch::jit::Module& self, const Graph& graph, Value* value) {
  if (value == graph.inputs()[0]) return self._ivalue();
  if (value->node()->kind() != c10::prim::GetAttr) return std::nullopt;
  const auto owner = attribute(self, graph, value->node()->input());
  if (!owner) return std::nullopt;
  return owner->toObject()->getAttr(value->node()->s(c10::attr::name));
}

/// Whether both numbers of a convolution's setting, which the graph may put together itself, are `number`.
bool is_list_of(const Value* value, std::int64_t number) {
  if (const auto constant = torch::jit::toIValue(value))
    return constant->isIntList() && constant->toIntVector() == std::vector<std::int64_t>(2, number);
  const Node& list = *value->node();
  if (list.kind() != c10::prim::ListConstruct || list.inputs().size() != 2) return false;
  return std::all_of(list.inputs().begin(), list.inputs().end(), [number](const Value* part) {
    const auto constant = torch::jit::toIValue(part);
    return constant && constant->isInt() && constant->toInt() == number;
  });
}

/// conv2d(x, weight, bias, stride, padding, dilation, groups) as winograd.h means it.
bool is_plain(const Node& convolution) {
  const auto in = convolution.inputs();
  const auto groups = torch::jit::toIValue(in[6]);
  return is_list_of(in[3], 1) && is_list_of(in[4], 1) && is_list_of(in[5], 1) && groups && groups->toInt() == 1;
}

using Graphs = std::vector<std::shared_ptr<Graph>>;
using Weights = std::set<const c10::TensorImpl*>;

/// The tensors that something else than plain convolutions reads.
Weights read_otherwise(const torch::jit::Module& module, const Graphs& graphs) {
  Weights found;
  for (const auto& graph : graphs)
    for (Node* read : find_nodes(*graph, c10::prim::GetAttr)) {
      const auto value = attribute(module, *graph, read->output());
      if (!value || !value->isTensor()) continue;
      for (const torch::jit::Use& use : read->output()->uses())
        if (use.user->kind() != c10::aten::conv2d || use.offset != 1 || !is_plain(*use.user))
          found.insert(value->toTensor().unsafeGetTensorImpl());
    }
  return found;
}

/// The packed weights of a network, an attribute of its own each; several methods may share them.
class PackedWeights {
 public:
  PackedWeights(torch::jit::Module& module, Weights left_alone) : module_(module), left_alone_(std::move(left_alone)) {}

  /// The attribute that holds a weight's packed form; nothing for weights that do not suit it.
  std::optional<std::string> name_of(const at::Tensor& weight) {
    const auto* const key = weight.unsafeGetTensorImpl();
    if (const auto found = names_.find(key); found != names_.end()) return found->second;
    if (left_alone_.contains(key) || !can_winograd(weight)) return std::nullopt;
    std::string name = "ldznet_packed_" + std::to_string(names_.size());
    module_.register_buffer(name, pack_winograd(weight));
    names_.emplace(key, name);
    const at::NoGradGuard no_grad;
    weight.set_data(at::empty({0}, weight.options()));  // the memory goes back at once: large networks fit but once
    return name;
  }

 private:
  torch::jit::Module& module_;
  Weights left_alone_;
  std::map<const c10::TensorImpl*, std::string> names_;
};

void replace_convolutions(const torch::jit::Module& module, Graph& graph, PackedWeights& packed) {
  for (Node* convolution : find_nodes(graph, c10::aten::conv2d)) {
    if (!is_plain(*convolution)) continue;
    const auto weight = attribute(module, graph, convolution->inputs()[1]);
    const auto name = weight ? packed.name_of(weight->toTensor()) : std::nullopt;
    if (!name) continue;
    const torch::jit::WithInsertPoint here(convolution);
    Value* const held = graph.insertGetAttr(graph.inputs()[0], *name);
    replace(convolution, convolution, kWinograd, {convolution->inputs()[0], held, convolution->inputs()[2]});
  }
}

/// The methods' graphs, with nothing called and nothing left to decide that does not depend on the input. The passes
/// are those that do without knowing what else a tensor may be, which takes longer to find out than to load the
/// network.
Graphs flat_graphs(const std::vector<torch::jit::Method>& methods) {
  Graphs graphs;
  for (const torch::jit::Method& method : methods) {
    graphs.push_back(method.graph());
    torch::jit::Inline(*graphs.back());
    torch::jit::PeepholeOptimize(graphs.back());
    torch::jit::ConstantPropagationImmutableTypes(graphs.back());
    torch::jit::EliminateDeadCode(graphs.back()->block());
  }
  return graphs;
}

}  // namespace

void use_own_operators(torch::jit::Module& module, const Backend& compute) {
  if (!compute.device.is_cpu()) return;
  const bool packs = compute.dtype == at::kBFloat16;
  if (packs) replace_attention(module);
  std::vector<torch::jit::Method> methods;
  for (const torch::jit::Method& method : module.get_methods())
    if (packs || method.name() == "forward") methods.push_back(method);
  const Graphs graphs = flat_graphs(methods);
  for (const auto& graph : graphs) replace_group_norms(*graph);
  if (packs) {
    PackedWeights packed(module, read_otherwise(module, graphs));
    for (const auto& graph : graphs) replace_convolutions(module, *graph, packed);
  }
  for (const auto& graph : graphs) torch::jit::EliminateDeadCode(graph->block());
}

}  // namespace ldznet
