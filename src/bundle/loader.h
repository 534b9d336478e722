#pragma once

#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/script.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bundle/device.h"
#include "bundle/memory_estimate.h"
#include "bundle/verified_file.h"
#include "ldznet/bundle.h"

namespace ldznet {

/// The features of the UNet blocks named by the manifest's `taps`, in that order; each (B, C_i, h_i, w_i).
using Taps = std::vector<at::Tensor>;

/// Where networks are loaded from and what they run on.
struct NetworkSource {
  std::filesystem::path directory;
  Manifest manifest;
  Backend backend;
  Verification verification{};
};

/// One TorchScript file of a bundle, on its device and in its precision. Safe to call from several threads.
class Network {
 public:
  /// Loads `methods` of `file` from the same bytes that were verified against the manifest, and keeps nothing of the
  /// file in use; a method that the file does not have is missed when it is called. Throws Error(bad_config) when the
  /// bytes differ, are not a TorchScript archive, have no `forward`, or weights that are infinite or NaN, and
  /// Error(out_of_memory).
  Network(const NetworkSource& source, const std::string& file, const std::vector<std::string>& methods = {"forward"});

  /// A picture's input (1,C,h,w) for a pass over `contexts` contexts: as it is if the network shares it among them,
  /// else expanded to their number.
  at::Tensor for_contexts(const at::Tensor& tensor, std::int64_t contexts) const;

  /// Runs forward(...), which returns one tensor in the network's precision, or in float32 where a part that stays in
  /// float32 has the last word (float32_parts.h), on its device. Floating-point inputs are
  /// converted to device and precision, integer inputs are only moved.
  /// Throws Error(out_of_memory), Error(bad_config) when the result is not a tensor or an operator refuses its inputs
  /// (their shapes and token ids follow from the bundle, so it does not fit itself), and Error(internal) when a CUDA
  /// device fails.
  at::Tensor forward(std::vector<c10::IValue> inputs) const;

  /// The same for a method that returns a list of tensors.
  std::vector<at::Tensor> call_list(const std::string& method, std::vector<c10::IValue> inputs) const;

  const std::string& file() const { return file_; }
  at::ScalarType dtype() const { return backend_.dtype; }  ///< the floating-point type that it runs in
  const LayerWidths& widths() const { return widths_; }

 private:
  c10::IValue call(const std::string& method, std::vector<c10::IValue> inputs) const;

  /// A method that is ready to run. Without LibTorch's graph executor, which copies a graph five times before it runs,
  /// and which fuses operators after the first calls, so that the third call with the same input would differ in the
  /// last digits from the first.
  struct Method {
    const c10::FunctionSchema* schema;
    torch::jit::Code code;
  };

  torch::jit::Module module_;
  std::map<std::string, Method> methods_;
  LayerWidths widths_;
  std::string file_;  ///< path, for messages
  bool shares_inputs_;
  Backend backend_;
};

}  // namespace ldznet
