#include "bundle/graph/packed_weights.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bundle/graph/graph_nodes.h"
#include "bundle/mapped_weight.h"
#include "compute/convolution.h"
#include "compute/direct_convolution.h"
#include "compute/linear.h"
#include "compute/panels.h"
#include "compute/winograd.h"

namespace ldznet {

namespace {

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Use;
using torch::jit::Value;

/// The value of a chain of attributes that starts at the method's self, such as self.block.weight; nothing for other
/// graph values.
std::optional<c10::IValue> attribute(const torch::jit::Module& self, const Graph& graph, Value* value) {
  if (value == graph.inputs()[0]) return self._ivalue();
  if (value->node()->kind() != c10::prim::GetAttr) return std::nullopt;
  const auto owner = attribute(self, graph, value->node()->input());
  if (!owner) return std::nullopt;
  return owner->toObject()->getAttr(value->node()->s(c10::attr::name));
}

/// Whether a convolution's parameter, a constant list or a list built in the graph, has `number` for each axis.
bool is_list_of(const Value* value, std::int64_t number) {
  const auto is_number = [number](std::int64_t one) { return one == number; };
  if (const auto constant = torch::jit::toIValue(value))
    return constant->isIntList() && std::ranges::all_of(constant->toIntVector(), is_number);
  const Node& list = *value->node();
  return list.kind() == c10::prim::ListConstruct && std::ranges::all_of(list.inputs(), [&](const Value* part) {
           const auto constant = torch::jit::toIValue(part);
           return constant && constant->isInt() && is_number(constant->toInt());
         });
}

/// Whether conv(x, weight, bias, stride, padding, dilation, groups) has one group and padding in pixels, not "same".
bool has_one_group(const Node& convolution) {
  const auto in = convolution.inputs();
  const auto groups = torch::jit::toIValue(in[6]);
  return groups && groups->toInt() == 1 && in[4]->type()->kind() == c10::TypeKind::ListType;
}

bool has_parameters(const Node& convolution, std::int64_t stride, std::int64_t padding, std::int64_t dilation) {
  const auto in = convolution.inputs();
  return is_list_of(in[3], stride) && is_list_of(in[4], padding) && is_list_of(in[5], dilation) &&
         has_one_group(convolution);
}

/// The only user of a value if it has this kind and takes the value as this input, else null.
Node* only_user(const Value* value, c10::Symbol kind, std::size_t offset) {
  const auto& uses = value->uses();
  return uses.size() == 1 && uses[0].user->kind() == kind && uses[0].offset == offset ? uses[0].user : nullptr;
}

/// The product a * gelu(b) if a and b are the halves of a linear layer's output and used for nothing else, else null.
Node* gated_product(const Node& linear) {
  const Node* const chunk = only_user(linear.output(), c10::aten::chunk, 0);
  if (chunk == nullptr) return nullptr;
  const auto count = torch::jit::toIValue(chunk->input(1)), axis = torch::jit::toIValue(chunk->input(2));
  if (!count || count->toInt() != 2 || !axis || axis->toInt() != -1) return nullptr;
  const Node* const halves = only_user(chunk->output(), c10::prim::ListUnpack, 0);
  if (halves == nullptr || halves->outputs().size() != 2) return nullptr;
  const Node* const gelu = only_user(halves->outputs()[1], c10::aten::gelu, 0);
  const auto approximation = gelu == nullptr ? std::nullopt : torch::jit::toIValue(gelu->input(1));
  if (!approximation || approximation->toStringRef() != "none") return nullptr;
  Node* const product = only_user(gelu->output(), c10::aten::mul, 1);
  return product != nullptr && only_user(halves->outputs()[0], c10::aten::mul, 0) == product ? product : nullptr;
}

/// An operator of compute/ and the layers that it can replace.
struct Form {
  const char* name;                     ///< of the operator
  bool (*can_pack)(const at::Tensor&);  ///< whether it should be used for this weight
  /// The node whose output it computes from the layer's inputs: the layer itself, a later one that it includes, or null
  /// if it cannot replace the layer.
  Node* (*replaced)(Node* layer);
  void (*pack)(torch::jit::Module& module, const std::string& name, const at::Tensor& weight);
  std::vector<std::size_t> more_inputs;  ///< of the layer, which it takes after x, weight and bias
  c10::Symbol symbol() const { return c10::Symbol::fromQualString(std::string("ldznet::") + name); }
};

template <at::Tensor (*kPack)(const at::Tensor&)>
void pack_tensor(torch::jit::Module& module, const std::string& name, const at::Tensor& weight) {
  module.register_buffer(name, kPack(weight));
}

void pack_convolution(torch::jit::Module& module, const std::string& name, const at::Tensor& weight) {
  module.register_attribute(name, c10::getCustomClassType<c10::intrusive_ptr<ConvolutionWeight>>(),
                            c10::make_intrusive<ConvolutionWeight>(out_of_file(weight)));
}

Node* linear_layer(Node* layer) { return layer->kind() == c10::aten::linear ? layer : nullptr; }

Node* gated_layer(Node* layer) { return linear_layer(layer) == nullptr ? nullptr : gated_product(*layer); }

Node* pointwise_layer(Node* layer) {
  return layer->kind() != c10::aten::linear && has_parameters(*layer, 1, 0, 1) ? layer : nullptr;
}

Node* convolution_2d(Node* layer) {
  return layer->kind() == c10::aten::conv2d && has_one_group(*layer) ? layer : nullptr;
}

Node* unit_convolution_2d(Node* layer) {
  return layer->kind() == c10::aten::conv2d && has_parameters(*layer, 1, 1, 1) ? layer : nullptr;
}

/// In the order in which they are tried.
const std::array<Form, 6> kForms = {{
    {"geglu", can_pack_geglu, gated_layer, pack_tensor<pack_geglu>, {}},
    {"linear", can_pack_linear, linear_layer, pack_tensor<pack_panels>, {}},
    {"pointwise", can_pack_linear, pointwise_layer, pack_tensor<pack_panels>, {}},
    {"winograd", can_winograd, unit_convolution_2d, pack_tensor<pack_winograd>, {}},
    {"direct_convolution", can_convolve_direct, convolution_2d, pack_tensor<pack_panels>, {3, 4, 5}},
    {"convolution", can_lay_out, convolution_2d, pack_convolution, {3, 4, 5}},
}};

bool is_layer(const Use& use) {
  const c10::Symbol kind = use.user->kind();
  return use.offset == 1 && (kind == c10::aten::linear || kind == c10::aten::conv1d || kind == c10::aten::conv2d);
}

/// A weight and everything that reads it.
struct Uses {
  at::Tensor weight;
  std::vector<Use> uses;
};

/// The form for a weight; null if there is none.
const Form* form_for(const Uses& used) {
  const auto fits = [&](const Form& form) {
    return form.can_pack(used.weight) && std::ranges::all_of(used.uses, [&](const Use& use) {
             return is_layer(use) && form.replaced(use.user) != nullptr;
           });
  };
  if (used.uses.empty()) return nullptr;
  const auto* const form = std::ranges::find_if(kForms, fits);
  return form == kForms.end() ? nullptr : form;
}

}  // namespace

void pack_weights(torch::jit::Module& module, const std::vector<std::shared_ptr<Graph>>& graphs,
                  const PrepareWeight& prepare) {
  std::map<const c10::TensorImpl*, std::size_t> known;
  std::vector<Uses> weights;  // in the order of the layers, so that names do not depend on addresses
  for (const auto& graph : graphs)
    for (Node* read : find_nodes(*graph, c10::prim::GetAttr)) {
      const auto value = attribute(module, *graph, read->output());
      if (!value || !value->isTensor()) continue;
      const at::Tensor& weight = value->toTensor();
      const auto [found, is_new] = known.try_emplace(weight.unsafeGetTensorImpl(), weights.size());
      if (is_new) weights.push_back({weight, {}});
      for (const Use& use : read->output()->uses()) weights[found->second].uses.push_back(use);
    }
  const at::NoGradGuard no_grad;
  int count = 0;
  for (const Uses& used : weights) {
    if (prepare) prepare(used.weight);
    const Form* const form = form_for(used);
    if (form == nullptr) continue;
    const std::string name = "ldznet_packed_" + std::to_string(count++);
    form->pack(module, name, used.weight);
    // Freed immediately: two copies of a large network would not fit.
    used.weight.set_data(at::empty({0}, used.weight.options()));
    for (const Use& use : used.uses) {
      const auto in = use.user->inputs();
      Node* const last = form->replaced(use.user);
      Graph& graph = *last->owningGraph();
      const torch::jit::WithInsertPoint here(last);
      std::vector<Value*> inputs = {in[0], graph.insertGetAttr(graph.inputs()[0], name), in[2]};
      for (const std::size_t more : form->more_inputs) inputs.push_back(in[more]);
      replace_node(last, last, form->symbol(), inputs);
    }
  }
}

bool can_pack(const at::Tensor& weight) {
  return std::ranges::any_of(kForms, [&](const Form& form) { return form.can_pack(weight); });
}

}  // namespace ldznet
