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

/// Serves a verified file's bytes to the archive reader. Frees large tensors' bytes after their only read.
class MemoryReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MemoryReader(const VerifiedFile& file) : file_(file) {}
  std::size_t size() const override { return file_.bytes().size(); }
  std::size_t read(std::uint64_t position, void* buffer, std::size_t count, const char* /*what*/) const override {
    if (position >= size()) return 0;
    const std::size_t taken = std::min<std::size_t>(count, size() - position);
    for (const auto& [first, end] : discarded_)
      if (position < end && position + taken > first)
        throw std::logic_error("the archive reader read the same bytes twice");
    std::memcpy(buffer, file_.bytes().data() + position, taken);
    if (taken >= kWorthDiscarding) {
      file_.discard(position, taken);
      discarded_.emplace_back(position, position + taken);
    }
    return taken;
  }

 private:
  static constexpr std::size_t kWorthDiscarding = std::size_t{1} << 18;
  const VerifiedFile& file_;
  /// Mutable because the base's read() is const.
  mutable std::vector<std::pair<std::uint64_t, std::uint64_t>> discarded_;
};

/// Moves weights to the device and precision, those of convolutions to channels-last format. Integer and boolean
/// buffers keep their type; Module::to would convert them to floating point.
void move_weights(torch::jit::Module& module, const Backend& backend) {
  const at::NoGradGuard no_grad;
  const auto move_one = [&](const at::Tensor& tensor) {
    const at::ScalarType dtype = tensor.is_floating_point() ? backend.dtype : tensor.scalar_type();
    const auto format = tensor.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Preserve;
    tensor.set_data(tensor.to(backend.device, dtype, /*non_blocking=*/false, /*copy=*/false, format));
  };
  for (const at::Tensor& parameter : module.parameters()) move_one(parameter);
  for (const at::Tensor& buffer : module.buffers()) move_one(buffer);
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

}  // namespace

Network::Network(const NetworkSource& source, const std::string& file)
    : file_((source.directory / file).string()), backend_(source.backend) {
  const std::string doing = "cannot load " + file_;
  module_ = with_errors(ErrorCode::bad_config, doing, kExportAgain, [&] {
    const VerifiedFile verified(source.directory, file, source.manifest, source.on_mismatch);
    return torch::jit::load(std::make_shared<MemoryReader>(verified), at::kCPU);
  });
  with_errors(ErrorCode::device, doing, "", [&] {
    module_.eval();
    move_weights(module_, backend_);
    use_cpu_operators(module_, backend_);
  });
  ::malloc_trim(0);  // returns the memory used while loading to the system
  if (!module_.find_method("forward"))
    throw Error(ErrorCode::bad_config, doing + ": it has no method forward", kExportAgain);
}

c10::IValue Network::call(const std::string& method, std::vector<c10::IValue> inputs) const {
  return with_errors(ErrorCode::internal, file_ + " failed", "", [&] {
    const c10::InferenceMode inference;
    // The profiling executor fuses operators after the first calls, so the third call with the same input would differ
    // in the last digits from the first.
    const torch::jit::GraphOptimizerEnabledGuard no_optimizer(false);
    for (c10::IValue& input : inputs) input = to_backend(input, backend_);
    const auto found = module_.find_method(method);
    if (!found) throw Error(ErrorCode::bad_config, file_ + " has no method " + method, kExportAgain);
    return (*found)(std::move(inputs));
  });
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
