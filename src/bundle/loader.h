#pragma once

#include <torch/script.h>

#include <filesystem>
#include <string>
#include <vector>

#include "bundle/device.h"
#include "bundle/verified_file.h"
#include "ldznet/bundle.h"

namespace ldznet {

/// The features of the UNet blocks that the manifest's `taps` name, in that order; each (B, C_i, h_i, w_i).
using Taps = std::vector<at::Tensor>;

/// Where networks come from and what they run on.
struct NetworkSource {
  std::filesystem::path directory;
  Manifest manifest;
  Backend compute;
  OnMismatch on_mismatch = OnMismatch::refuse;
};

/// One TorchScript file of a bundle, on its device and in its precision. Calls may come from several threads.
class Network {
 public:
  /// Loads `file` from the very bytes that were compared with the manifest. Throws Error(bad_config) when they differ,
  /// are no TorchScript archive, or have no `forward`, and Error(out_of_memory).
  Network(const NetworkSource& source, const std::string& file);

  /// forward(...) -> one tensor of the network's precision, on its device. Floating inputs are brought to device and
  /// precision, whole numbers to the device only.
  /// Throws Error(out_of_memory), Error(bad_config) when something else than a tensor comes back, and Error(internal)
  /// when an operator fails.
  at::Tensor forward(std::vector<c10::IValue> inputs) const;

  /// The same for a method that answers with a list of tensors.
  std::vector<at::Tensor> call_list(const std::string& method, std::vector<c10::IValue> inputs) const;

  const std::string& file() const { return file_; }

 private:
  c10::IValue call(const std::string& method, std::vector<c10::IValue> inputs) const;

  torch::jit::Module module_;
  std::string file_;  ///< for messages
  Backend compute_;
};

}  // namespace ldznet
