#include "bundle/device.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <algorithm>
#include <charconv>
#include <latch>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "base/stage_timer.h"
#include "compute/cpu.h"
#include "ldznet/error.h"
#include "ldznet/pipeline.h"

namespace ldznet {

namespace {

constexpr const char* kNoCuda = "Use the CPU, or build against a LibTorch with CUDA on a machine with an NVIDIA GPU.";

/// The number of usable CUDA devices; 0 when LibTorch or the driver has no CUDA support.
int cuda_devices() {
  try {
    return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

/// "cuda" or "cuda:N" -> N.
int cuda_index(const std::string& device) {
  if (device == "cuda") return 0;
  constexpr std::string_view kPrefix = "cuda:";
  int index = -1;
  if (device.starts_with(kPrefix)) {
    const char* const end = device.data() + device.size();
    const auto [stop, error] = std::from_chars(device.data() + kPrefix.size(), end, index);
    if (error != std::errc() || stop != end) index = -1;
  }
  if (index < 0)
    throw Error(ErrorCode::usage, "unknown device \"" + device + "\"", "Devices are auto, cpu, cuda and cuda:N.");
  return index;
}

at::Device resolve_device(const std::string& device) {
  if (device == "cpu") return at::kCPU;
  if (device == "auto") return cuda_devices() > 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  const int index = cuda_index(device);
  const int available = cuda_devices();
  if (available == 0)
    throw Error(ErrorCode::device, "device " + device + ": this machine has no usable CUDA device", kNoCuda);
  if (index >= available)
    throw Error(ErrorCode::device,
                "this machine has no device cuda:" + std::to_string(index) +
                    "; its last one is cuda:" + std::to_string(available - 1),
                "Use one that `ldznet info` lists.");
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

std::string best_precision(const at::Device& device) {
  if (device.is_cuda()) return "fp16";
  return has_bf16_products() ? "bf16" : "fp32";
}

}  // namespace

Backend resolve_backend(const std::string& device, const std::string& precision) {
  Backend backend;
  backend.device = resolve_device(device);
  backend.device_name = backend.device.str();
  backend.precision_name = precision != "auto" ? precision : best_precision(backend.device);
  if (backend.precision_name == "fp32") {
    backend.dtype = at::kFloat;
  } else if (backend.precision_name == "bf16") {
    backend.dtype = at::kBFloat16;
  } else if (backend.precision_name == "fp16") {
    backend.dtype = at::kHalf;
  } else {
    throw Error(ErrorCode::usage, "unknown precision \"" + precision + "\"",
                "Precisions are auto, fp32, bf16 and fp16.");
  }
  if (backend.dtype == at::kHalf && backend.device.is_cpu())
    throw Error(ErrorCode::device, "fp16 needs a CUDA device: some CPU operators do not support it",
                "Use bf16 or fp32.");
  return backend;
}

namespace {

/// Throws Error(out_of_memory) when the system does not start so many threads: OpenMP's library would end the process.
void check_threads(int count) {
  std::latch all_started(count);
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  std::optional<Error> failure;
  try {
    while (static_cast<int>(threads.size()) < count) threads.emplace_back([&] { all_started.arrive_and_wait(); });
  } catch (const std::exception& error) {  // std::system_error or std::bad_alloc
    failure.emplace(ErrorCode::out_of_memory,
                    "the system does not start " + std::to_string(count) + " threads: " + error.what(),
                    "Use fewer threads, or raise the limit on processes (ulimit -u).");
    all_started.count_down(count - static_cast<std::ptrdiff_t>(threads.size()));
  }
  for (std::thread& thread : threads) thread.join();
  if (failure) throw *failure;
}

}  // namespace

void set_threads(int threads) {
  if (threads < 0)
    throw Error(ErrorCode::usage, "the number of threads must be 0 or more, not " + std::to_string(threads));
  if (threads > 0) at::set_num_threads(threads);
  check_threads(at::get_num_threads());
}

int cpu_threads() { return at::get_num_threads(); }

void use_cpu_threads(int threads) {
  if (threads < 1)
    throw Error(ErrorCode::usage, "the number of threads must be 1 or more, not " + std::to_string(threads));
  at::set_num_threads(threads);
}

void make_deterministic(const Backend& backend) {
  if (!backend.device.is_cuda()) return;
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
}

double measure_peak(const Backend& backend) {
  const std::int64_t side = backend.device.is_cuda() ? 8192 : 2048;  // a GPU is not busy with less
  constexpr double kSeconds = 1;
  const c10::InferenceMode inference;
  const at::Tensor a = at::full({side, side}, 0.5, at::TensorOptions(backend.device).dtype(backend.dtype));
  at::Tensor product = at::empty_like(a);
  const auto multiply = [&] {
    const Stopwatch stopwatch;
    at::mm_out(product, a, a);
    synchronize(backend);
    return stopwatch.seconds();
  };
  double least = multiply();
  double spent = least;
  for (int tries = 0; tries < 3 || spent < kSeconds; ++tries) {
    const double seconds = multiply();
    least = std::min(least, seconds);
    spent += seconds;
  }
  const auto width = static_cast<double>(side);
  return 2 * width * width * width / least;
}

void synchronize(const Backend& backend) {
  if (backend.device.is_cuda()) torch::cuda::synchronize(backend.device.index());
}

Capabilities capabilities() {
  Capabilities here{{"cpu"}, {"fp32", "bf16"}, TORCH_VERSION};
  for (int i = 0; i < cuda_devices(); ++i) here.devices.push_back("cuda:" + std::to_string(i));
  if (here.devices.size() > 1) here.precisions.emplace_back("fp16");
  return here;
}

}  // namespace ldznet
