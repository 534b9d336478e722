#include "bundle/graph_passes.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compute/convolution.h"
#include "compute/winograd.h"

namespace ldznet {

namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

const c10::Symbol kAttention = c10::Symbol::fromQualString("ldznet::attention");
const c10::Symbol kGroupNorm = c10::Symbol::fromQualString("ldznet::group_norm");
const c10::Symbol kConvolution = c10::Symbol::fromQualString("ldznet::convolution");
const c10::Symbol kWinograd = c10::Symbol::fromQualString("ldznet::winograd");

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

/// Appends all nodes of a kind, including those in branches and loops.
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

/// Inserts a node of `kind` before `at` and redirects all uses of `replaced`'s output to it.
void replace(Node* at, Node* replaced, c10::Symbol kind, const std::vector<Value*>& inputs) {
  Graph& graph = *at->owningGraph();
  Node* const node = graph.create(kind, inputs);
  node->insertBefore(at);
  replaced->output()->replaceAllUsesWith(node->output());
}

/// Replaces every group_norm, together with a silu that is its only reader.
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

/// The value of a chain of attributes that starts at the method's self, such as self.block.weight; nothing for other
/// graph values.
std::optional<c10::IValue> attribute(const torch::jit::Module& self, const Graph& graph, Value* value) {
  if (value == graph.inputs()[0]) return self._ivalue();
  if (value->node()->kind() != c10::prim::GetAttr) return std::nullopt;
  const auto owner = attribute(self, graph, value->node()->input());
  if (!owner) return std::nullopt;
  return owner->toObject()->getAttr(value->node()->s(c10::attr::name));
}

/// Whether a convolution's parameter, a constant list or a list built in the graph, is [number, number].
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

/// Whether conv2d(x, weight, bias, stride, padding, dilation, groups) has one group and padding in pixels, not "same",
/// as ConvolutionWeight needs.
bool has_one_group(const Node& convolution) {
  const auto in = convolution.inputs();
  const auto groups = torch::jit::toIValue(in[6]);
  return groups && groups->toInt() == 1 && in[4]->type()->kind() == c10::TypeKind::ListType;
}

/// Whether a conv2d has stride, padding, dilation and groups 1, as convolve_winograd() needs.
bool has_unit_parameters(const Node& convolution) {
  const auto in = convolution.inputs();
  return is_list_of(in[3], 1) && is_list_of(in[4], 1) && is_list_of(in[5], 1) && has_one_group(convolution);
}

using Graphs = std::vector<std::shared_ptr<Graph>>;
using Weights = std::set<const c10::TensorImpl*>;

/// The tensors that are used for anything but the weight of a conv2d that `accepts` accepts.
Weights weights_with_other_uses(const torch::jit::Module& module, const Graphs& graphs, bool (*accepts)(const Node&)) {
  Weights found;
  for (const auto& graph : graphs)
    for (Node* read : find_nodes(*graph, c10::prim::GetAttr)) {
      const auto value = attribute(module, *graph, read->output());
      if (!value || !value->isTensor()) continue;
      for (const torch::jit::Use& use : read->output()->uses())
        if (use.user->kind() != c10::aten::conv2d || use.offset != 1 || !accepts(*use.user))
          found.insert(value->toTensor().unsafeGetTensorImpl());
    }
  return found;
}

/// The weights of a network's convolutions in the form that the fastest operator needs. Each is an attribute of the
/// module, shared by the methods that use it.
class PackedWeights {
 public:
  PackedWeights(torch::jit::Module& module, const Graphs& graphs)
      : module_(module),
        not_winograd_(weights_with_other_uses(module, graphs, has_unit_parameters)),
        not_laid_out_(weights_with_other_uses(module, graphs, has_one_group)) {}

  /// A weight's packed form.
  struct Packed {
    std::string name;  ///< of the attribute
    c10::Symbol kind;  ///< of the operator that needs it
  };

  /// Nothing for weights that cannot be packed.
  const Packed* of(const at::Tensor& weight) {
    const auto* const key = weight.unsafeGetTensorImpl();
    if (const auto found = packed_.find(key); found != packed_.end()) return &found->second;
    const std::string name = "ldznet_packed_" + std::to_string(packed_.size());
    c10::Symbol used = kWinograd;
    if (weight.scalar_type() == at::kBFloat16 && !not_winograd_.contains(key) && can_winograd(weight)) {
      module_.register_buffer(name, pack_winograd(weight));
    } else if (!not_laid_out_.contains(key) && can_lay_out(weight)) {
      used = kConvolution;
      module_.register_attribute(name, c10::getCustomClassType<c10::intrusive_ptr<ConvolutionWeight>>(),
                                 c10::make_intrusive<ConvolutionWeight>(weight));
    } else {
      return nullptr;
    }
    const at::NoGradGuard no_grad;
    // Freed immediately: two copies of a large network would not fit.
    weight.set_data(at::empty({0}, weight.options()));
    return &packed_.emplace(key, Packed{name, used}).first->second;
  }

 private:
  torch::jit::Module& module_;
  Weights not_winograd_, not_laid_out_;
  std::map<const c10::TensorImpl*, Packed> packed_;
};

void replace_convolutions(const torch::jit::Module& module, Graph& graph, PackedWeights& weights) {
  for (Node* convolution : find_nodes(graph, c10::aten::conv2d)) {
    const auto in = convolution->inputs();
    const auto weight = attribute(module, graph, in[1]);
    const PackedWeights::Packed* const packed = weight ? weights.of(weight->toTensor()) : nullptr;
    if (packed == nullptr) continue;
    const torch::jit::WithInsertPoint here(convolution);
    std::vector<Value*> inputs = {in[0], graph.insertGetAttr(graph.inputs()[0], packed->name), in[2]};
    if (packed->kind == kConvolution) inputs.insert(inputs.end(), {in[3], in[4], in[5]});
    replace(convolution, convolution, packed->kind, inputs);
  }
}

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

void use_cpu_operators(torch::jit::Module& module, const Backend& backend) {
  if (!backend.device.is_cpu()) return;
  replace_attention(module);
  bool packs = backend.dtype == at::kBFloat16;
  for (const at::Tensor& weight : module.parameters()) packs = packs || can_lay_out(weight);
  std::vector<torch::jit::Method> methods;
  for (const torch::jit::Method& method : module.get_methods())
    if (packs || method.name() == "forward") methods.push_back(method);
  const Graphs graphs = inlined_graphs(methods);
  for (const auto& graph : graphs) replace_group_norms(*graph);
  if (packs) {
    PackedWeights weights(module, graphs);
    for (const auto& graph : graphs) replace_convolutions(module, *graph, weights);
  }
  for (const auto& graph : graphs) torch::jit::EliminateDeadCode(graph->block());
}

}  // namespace ldznet
