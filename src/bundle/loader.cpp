#include "bundle/loader.h"

#include <torch/csrc/jit/runtime/graph_executor.h>

#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "bundle/graph/float32_parts.h"
#include "bundle/graph/graph_passes.h"
#include "bundle/int8_weights.h"
#include "bundle/mapped_weight.h"
#include "bundle/read_module.h"
#include "bundle/tensor_checks.h"
#include "bundle/torch_errors.h"

namespace ldznet {

namespace {

constexpr const char* kExportAgain = "Export the bundle again with scripts/export.py.";
constexpr const char* kUnfitting =
    "The bundle's files and the numbers in its model.json do not fit together. "
    "Export the bundle again with scripts/export.py.";

/// The floating-point type in which each weight of a network runs: some parts stay in float32.
WeightTypes weight_types(const torch::jit::Module& module, const Backend& backend) {
  std::set<const c10::TensorImpl*> float32;
  if (backend.dtype == at::kBFloat16) float32 = float32_weights(module);
  return [float32, dtype = backend.dtype](const at::Tensor& weight) {
    return float32.contains(weight.unsafeGetTensorImpl()) ? at::kFloat : dtype;
  };
}

/// Moves weights to the device and to their types. Integer and boolean buffers keep theirs; Module::to would convert
/// them to floating point.
void move_weights(torch::jit::Module& module, const Backend& backend, const WeightTypes& type_of) {
  const at::NoGradGuard no_grad;
  if (backend.dtype == at::kBFloat16) convert_for_float32_parts(module);
  const auto move_one = [&](const at::Tensor& tensor) {
    tensor.set_data(tensor.to(backend.device, tensor.is_floating_point() ? type_of(tensor) : tensor.scalar_type()));
  };
  for (const at::Tensor& parameter : module.parameters()) move_one(parameter);
  for (const at::Tensor& buffer : module.buffers()) move_one(buffer);
}

/// Puts weights of convolutions into channels-last format. Not buffers: packed weights are some.
void order_weights(torch::jit::Module& module) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& parameter : module.parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

/// Copies the weights that are still in the file, in whichever attributes they are.
void leave_file(torch::jit::Module& module) {
  const at::NoGradGuard no_grad;
  c10::IValue(module._ivalue()).visit([](const c10::IValue& value) {
    if (value.isTensor() && value.toTensor().defined()) value.toTensor().set_data(out_of_file(value.toTensor()));
    return false;
  });
}

at::Tensor to_backend(const at::Tensor& tensor, const Backend& backend) {
  if (!tensor.is_floating_point()) return tensor.to(backend.device);
  const at::Tensor moved = tensor.to(backend.device, backend.dtype);
  return moved.dim() == 4 ? moved.contiguous(at::MemoryFormat::ChannelsLast) : moved;
}

c10::IValue to_backend(const c10::IValue& input, const Backend& backend) {
  if (input.isTensor()) return to_backend(input.toTensor(), backend);
  if (!input.isTensorList()) return input;
  c10::List<at::Tensor> list;
  for (const at::Tensor& tensor : input.toTensorVector()) list.push_back(to_backend(tensor, backend));
  return list;
}

LayerWidths widths_of(const torch::jit::Module& module) {
  LayerWidths widths;
  for (const at::Tensor& parameter : module.parameters()) {
    if (parameter.dim() != 4) continue;
    if (widths.first == 0) widths.first = parameter.size(0);
    if (parameter.size(0) == 1) widths.last = parameter.size(1);
  }
  return widths;
}

/// "[1, 4, 8, 8], [1], 5 tensors"
std::string shapes_of(const std::vector<c10::IValue>& inputs) {
  std::ostringstream text;
  for (const c10::IValue& input : inputs) {
    if (text.tellp() > 0) text << ", ";
    if (input.isTensor())
      text << input.toTensor().sizes();
    else if (input.isTensorList())
      text << input.toTensorVector().size() << " tensors";
  }
  return text.str();
}

}  // namespace

Network::Network(const NetworkSource& source, const std::string& file, const std::vector<std::string>& methods)
    : file_((source.directory / file).string()),
      shares_inputs_(source.manifest.shared_inputs),
      backend_(source.backend) {
  const std::string doing = "cannot load " + file_;
  const auto bytes = std::make_shared<const VerifiedFile>(source.directory, file, source.manifest, source.verification);
  WeightTypes type_of;
  std::optional<Int8Weights> int8_weights;
  module_ = with_errors(ErrorCode::bad_config, doing, kExportAgain, [&] {
    torch::jit::Module module = read_module(bytes, methods);
    if (!bytes->is_known()) require_finite_weights(module);
    type_of = weight_types(module, backend_);
    int8_weights.emplace(module, type_of);
    return module;
  });
  const ErrorCode at_fault = backend_.device.is_cpu() ? ErrorCode::bad_config : ErrorCode::device;
  with_errors(at_fault, doing, "", [&] {
    module_.eval();
    widths_ = widths_of(module_);                               // before convolutions' weights become something else
    if (!backend_.device.is_cpu()) int8_weights->decode_all();  // moving converts floating-point weights only
    move_weights(module_, backend_, type_of);
    use_cpu_operators(module_, backend_, methods, [&](const at::Tensor& weight) { int8_weights->decode(weight); });
    int8_weights->decode_all();
    order_weights(module_);  // only now: most have been packed into another order
    leave_file(module_);
    for (const std::string& name : methods)
      if (const auto method = module_.find_method(name))
        methods_.emplace(name, Method{&method->function().getSchema(), torch::jit::Code(method->graph(), name)});
  });
  bytes->require_unchanged();
  if (!methods_.contains("forward"))
    throw Error(ErrorCode::bad_config, doing + ": it has no method forward", kExportAgain);
  bytes->remember();
}

c10::IValue Network::call(const std::string& method, std::vector<c10::IValue> inputs) const {
  return with_errors(
      ErrorCode::bad_config, file_ + " failed for inputs of shapes " + shapes_of(inputs), kUnfitting, [&] {
        const c10::InferenceMode inference;
        const torch::jit::GraphOptimizerEnabledGuard no_optimizer(false);  // for calls that are not inlined
        const auto found = methods_.find(method);
        if (found == methods_.end())
          throw Error(ErrorCode::bad_config, file_ + " has no method " + method, kExportAgain);
        torch::jit::Stack stack = {module_._ivalue()};
        for (const c10::IValue& input : inputs) stack.push_back(to_backend(input, backend_));
        found->second.schema->checkAndNormalizeInputs(stack);
        torch::jit::InterpreterState(found->second.code).run(stack);
        return stack.front();
      });
}

at::Tensor Network::for_contexts(const at::Tensor& tensor, std::int64_t contexts) const {
  return shares_inputs_ ? tensor : tensor.expand({contexts, -1, -1, -1});
}

at::Tensor Network::forward(std::vector<c10::IValue> inputs) const {
  const c10::IValue output = call("forward", std::move(inputs));
  if (!output.isTensor())
    throw Error(ErrorCode::bad_config, file_ + ": forward does not return a tensor", kExportAgain);
  return output.toTensor();
}

std::vector<at::Tensor> Network::call_list(const std::string& method, std::vector<c10::IValue> inputs) const {
  const c10::IValue output = call(method, std::move(inputs));
  if (!output.isTensorList())
    throw Error(ErrorCode::bad_config, file_ + ": " + method + " does not return a list of tensors", kExportAgain);
  return output.toTensorVector();
}

}  // namespace ldznet
