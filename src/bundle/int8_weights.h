#pragma once

#include <torch/script.h>

#include <functional>
#include <map>

namespace ldznet {

/// The floating-point type in which a weight of a network runs.
using WeightTypes = std::function<at::ScalarType(const at::Tensor&)>;

/// The weights that a bundle of dtype int8 stores as 8-bit integers: each parameter P with a float buffer
/// `P_int8_scale` (one value per index of P's first dimension) stands for P * scale.
/// scripts/ldznet_training/int8_weights.py writes them.
///
/// They are decoded one at a time: decoding each right before it is packed keeps only one decoded copy in memory.
class Int8Weights {
 public:
  /// Finds the 8-bit weights of a network; there may be none. Throws std::runtime_error when a scale has no int8
  /// parameter or another length than its first dimension, or is infinite or NaN.
  Int8Weights(const torch::jit::Module& network, const WeightTypes& type_of);

  /// Gives a parameter of the network its values, computed in float32 and stored in bfloat16 if that is its type, else
  /// in float32. Does nothing if it is no integer or has them already.
  void decode(const at::Tensor& parameter);

  /// Decodes those that are left.
  void decode_all();

 private:
  struct Weight {
    at::Tensor weight, scale;
    bool bfloat16;
  };
  std::map<at::TensorImpl*, Weight> weights_;
};

}  // namespace ldznet
