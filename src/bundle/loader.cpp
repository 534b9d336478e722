#include "bundle/loader.h"

#include <caffe2/serialize/read_adapter_interface.h>
#include <malloc.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bundle/graph_passes.h"
#include "bundle/torch_errors.h"

namespace ldznet {

namespace {

constexpr const char* kExportAgain = "Export the bundle again with scripts/export.py.";

/// Shows the archive reader a verified file's bytes. Those of large tensors, which it reads once, it shows once only.
class MemoryReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MemoryReader(const VerifiedFile& file) : file_(file) {}
  std::size_t size() const override { return file_.bytes().size(); }
  std::size_t read(std::uint64_t position, void* buffer, std::size_t count, const char* /*what*/) const override {
    if (position >= size()) return 0;
    const std::size_t taken = std::min<std::size_t>(count, size() - position);
    for (const auto& [first, end] : forgotten_)
      if (position < end && position + taken > first) throw std::logic_error("the archive's reader reads bytes twice");
    std::memcpy(buffer, file_.bytes().data() + position, taken);
    if (taken >= kWorthForgetting) {
      file_.forget(position, taken);
      forgotten_.emplace_back(position, position + taken);
    }
    return taken;
  }

 private:
  static constexpr std::size_t kWorthForgetting = std::size_t{1} << 18;
  const VerifiedFile& file_;
  mutable std::vector<std::pair<std::uint64_t, std::uint64_t>> forgotten_;  ///< the base's read is const
};

/// Brings weights to device and precision, those of convolutions channels last; whole-number and boolean buffers keep
/// their type, which Module::to would turn into floats as well.
void convert(torch::jit::Module& module, const Backend& compute) {
  const at::NoGradGuard no_grad;
  const auto convert_one = [&](const at::Tensor& tensor) {
    const at::ScalarType dtype = tensor.is_floating_point() ? compute.dtype : tensor.scalar_type();
    const auto format = tensor.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Preserve;
    tensor.set_data(tensor.to(compute.device, dtype, /*non_blocking=*/false, /*copy=*/false, format));
  };
  for (const at::Tensor& parameter : module.parameters()) convert_one(parameter);
  for (const at::Tensor& buffer : module.buffers()) convert_one(buffer);
}

at::Tensor to_backend(const at::Tensor& tensor, const Backend& compute) {
  if (!tensor.is_floating_point()) return tensor.to(compute.device);
  const at::Tensor brought = tensor.to(compute.device, compute.dtype);
  return brought.dim() == 4 ? brought.contiguous(at::MemoryFormat::ChannelsLast) : brought;
}

c10::IValue to_backend(const c10::IValue& input, const Backend& compute) {
  if (input.isTensor()) return to_backend(input.toTensor(), compute);
  if (!input.isTensorList()) return input;
  c10::List<at::Tensor> list;
  for (const at::Tensor& tensor : input.toTensorVector()) list.push_back(to_backend(tensor, compute));
  return list;
}

}  // namespace

Network::Network(const NetworkSource& source, const std::string& file)
    : file_((source.directory / file).string()), compute_(source.compute) {
  const std::string doing = "cannot load " + file_;
  module_ = with_errors(ErrorCode::bad_config, doing, kExportAgain, [&] {
    const VerifiedFile verified(source.directory, file, source.manifest, source.on_mismatch);
    return torch::jit::load(std::make_shared<MemoryReader>(verified), at::kCPU);
  });
  with_errors(ErrorCode::device, doing, "", [&] {
    module_.eval();
    convert(module_, compute_);
    use_own_operators(module_, compute_);
  });
  ::malloc_trim(0);  // what stays free between the weights would otherwise be kept for good
  if (!module_.find_method("forward"))
    throw Error(ErrorCode::bad_config, doing + ": it has no method forward", kExportAgain);
}

c10::IValue Network::call(const std::string& method, std::vector<c10::IValue> inputs) const {
  return with_errors(ErrorCode::internal, file_ + " failed", "", [&] {
    const c10::InferenceMode inference;
    // The optimizing executor specializes on the first calls' shapes and fuses later ones, so that the same input would
    // give other last digits on the third call than on the first.
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    for (c10::IValue& input : inputs) input = to_backend(input, compute_);
    const auto found = module_.find_method(method);
    if (!found) throw Error(ErrorCode::bad_config, file_ + " has no method " + method, kExportAgain);
    return (*found)(std::move(inputs));
  });
}

at::Tensor Network::forward(std::vector<c10::IValue> inputs) const {
  const c10::IValue answer = call("forward", std::move(inputs));
  if (!answer.isTensor())
    throw Error(ErrorCode::bad_config, file_ + ": forward answers with something else than a tensor", kExportAgain);
  return answer.toTensor();
}

std::vector<at::Tensor> Network::call_list(const std::string& method, std::vector<c10::IValue> inputs) const {
  const c10::IValue answer = call(method, std::move(inputs));
  if (!answer.isTensorList())
    throw Error(ErrorCode::bad_config, file_ + ": " + method + " answers with something else than a list of tensors",
                kExportAgain);
  return answer.toTensorVector();
}

}  // namespace ldznet
