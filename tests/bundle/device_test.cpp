#include "bundle/device.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "compute/cpu.h"
#include "ldznet/error.h"
#include "ldznet/pipeline.h"

namespace ldznet {
namespace {

ErrorCode refusal(const std::string& device, const std::string& precision) {
  try {
    resolve_backend(device, precision);
  } catch (const Error& error) {
    EXPECT_FALSE(error.hint().empty());
    return error.code();
  }
  ADD_FAILURE() << device << " " << precision << " was accepted";
  return ErrorCode::internal;
}

bool has_cuda() { return capabilities().devices.size() > 1; }

TEST(Device, Cpu) {
  const Backend backend = resolve_backend("cpu", "auto");
  EXPECT_TRUE(backend.device.is_cpu());
  EXPECT_EQ(backend.device_name, "cpu");
  EXPECT_EQ(backend.precision_name, has_bf16_products() ? "bf16" : "fp32");
  EXPECT_EQ(backend.dtype, has_bf16_products() ? at::kBFloat16 : at::kFloat);
  EXPECT_EQ(resolve_backend("cpu", "bf16").dtype, at::kBFloat16);
  EXPECT_EQ(refusal("cpu", "fp16"), ErrorCode::device);
}

TEST(Device, AutoPicksTheBestOfThisMachine) {
  const Backend backend = resolve_backend("auto", "auto");
  EXPECT_EQ(backend.device_name, has_cuda() ? "cuda:0" : "cpu");
  EXPECT_EQ(backend.precision_name, has_cuda() ? "fp16" : has_bf16_products() ? "bf16" : "fp32");
}

TEST(Device, RefusesUnknownNames) {
  for (const char* device : {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda1", "cuda:99999999999"})
    EXPECT_EQ(refusal(device, "auto"), ErrorCode::usage) << device;
  for (const char* precision : {"", "float32", "FP32", "int8"})
    EXPECT_EQ(refusal("cpu", precision), ErrorCode::usage) << precision;
}

TEST(Device, RefusesMissingDevices) {
  EXPECT_EQ(refusal("cuda:63", "auto"), ErrorCode::device);
  if (!has_cuda()) {
    EXPECT_EQ(refusal("cuda", "fp32"), ErrorCode::device);
  }
}

TEST(Device, Threads) {
  set_threads(1);
  EXPECT_EQ(at::get_num_threads(), 1);
  set_threads(2);
  EXPECT_EQ(at::get_num_threads(), 2);
  set_threads(0);
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_THROW(set_threads(-1), Error);
}

TEST(Capabilities, AlwaysListTheCpu) {
  const Capabilities here = capabilities();
  EXPECT_EQ(here.devices.front(), "cpu");
  EXPECT_NE(std::find(here.precisions.begin(), here.precisions.end(), "fp32"), here.precisions.end());
  for (const std::string& device : here.devices) EXPECT_NO_THROW(resolve_backend(device, "auto")) << device;
  EXPECT_FALSE(here.torch_version.empty());
}

}  // namespace
}  // namespace ldznet
