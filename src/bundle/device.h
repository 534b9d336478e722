#pragma once

#include <torch/script.h>

#include <string>

namespace ldznet {

/// Where the networks run and in which type.
struct Backend {
  at::Device device{at::kCPU};
  at::ScalarType dtype = at::kFloat;
  std::string device_name = "cpu";      ///< "cpu", "cuda:0", ...
  std::string precision_name = "fp32";  ///< "fp32", "bf16" or "fp16"
};

/// What the options' words mean on this machine. `device`: "auto" (the first CUDA device, else the CPU), "cpu", "cuda"
/// or "cuda:N"; `precision`: "auto" (fp16 on CUDA; bf16 on CPUs that multiply it natively, else fp32), "fp32", "bf16"
/// or "fp16". Throws Error(usage) for other words and Error(device) for what this machine does not have.
Backend resolve_compute(const std::string& device, const std::string& precision);

/// Lets the CPU's operators use `threads` threads; 0 leaves LibTorch's own choice, one a core. Throws Error(usage)
/// below 0.
void set_threads(int threads);

/// Makes a CUDA device compute the same bytes every time, in true fp32 where fp32 is asked for. Nothing on the CPU.
void make_deterministic(const Backend& compute);

/// Floating-point operations a second of large matrix products: the best of a few tries.
double measure_peak(const Backend& compute);

/// Waits until a CUDA device has done what it was given, so that a clock read afterwards is right. Nothing on the CPU.
void synchronize(const Backend& compute);

}  // namespace ldznet
