#include "compute/cpu.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ldznet {
namespace {

TEST(Cpu, EitherInstructionSetMultipliesBfloat16) {
  EXPECT_EQ(has_bf16_products(), has_avx512_bf16() || has_matrix_tiles());
}

TEST(Cpu, FindsNoMoreThanTheKernelLists) {
  std::ifstream file("/proc/cpuinfo");
  const std::string flags((std::istreambuf_iterator<char>(file)), {});
  if (flags.find("avx512f") == std::string::npos) {
    EXPECT_FALSE(has_avx512_bf16());
  }
}

}  // namespace
}  // namespace ldznet
