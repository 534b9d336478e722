#pragma once

#include <torch/script.h>

#include <string>

namespace ldznet {

/// The device and the floating-point type the networks run in.
struct Backend {
  at::Device device{at::kCPU};
  at::ScalarType dtype = at::kFloat;
  std::string device_name = "cpu";      ///< "cpu", "cuda:0", ...
  std::string precision_name = "fp32";  ///< "fp32", "bf16" or "fp16"
};

/// Resolves option values on this machine. `device`: "auto" (the first CUDA device, else the CPU), "cpu", "cuda" or
/// "cuda:N". `precision`: "auto" (fp16 on CUDA, bf16 on CPUs that multiply it natively, else fp32), "fp32", "bf16" or
/// "fp16". Throws Error(usage) for other values and Error(device) for what this machine does not have.
Backend resolve_backend(const std::string& device, const std::string& precision);

/// Sets the number of threads of CPU operators; 0 keeps LibTorch's default, one per core. Throws Error(usage) for
/// negative numbers and Error(out_of_memory) when the system does not start so many.
void set_threads(int threads);

/// Makes CUDA results reproducible to the bit and turns TF32 off, so that fp32 is really fp32. No effect on the CPU.
void make_deterministic(const Backend& backend);

/// Measures the FLOP per second of large matrix products: the best of several runs, about a second in all.
double measure_peak(const Backend& backend);

/// Waits for the CUDA device's queued work, so that timings are correct. No effect on the CPU.
void synchronize(const Backend& backend);

}  // namespace ldznet
