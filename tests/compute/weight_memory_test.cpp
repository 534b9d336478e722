#include "compute/weight_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <ios>
#include <sstream>
#include <string>

namespace ldznet {
namespace {

/// The kernel's flags of the area that an address is in: "rd wr mr mw me ac hg".
std::string flags_of(const void* address) {
  std::ifstream areas("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(areas, line);) {
    std::istringstream words(line);
    std::uintptr_t first = 0, last = 0;
    char dash = 0;
    if (words >> std::hex >> first >> dash >> last && dash == '-')
      inside = reinterpret_cast<std::uintptr_t>(address) >= first && reinterpret_cast<std::uintptr_t>(address) < last;
    if (inside && line.starts_with("VmFlags:")) return line;
  }
  return "";
}

TEST(WeightMemory, LargeWeightsAskForHugePages) {
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled")) GTEST_SKIP() << "a system without huge pages";
  const at::Tensor weight = empty_weight({1024, 2048, 3}, at::kFloat);
  EXPECT_EQ(weight.sizes(), (at::IntArrayRef{1024, 2048, 3}));
  EXPECT_EQ(weight.scalar_type(), at::kFloat);
  for (const std::size_t at : {std::size_t{0}, weight.nbytes() - 1})
    EXPECT_NE(flags_of(static_cast<const char*>(weight.const_data_ptr()) + at).find(" hg"), std::string::npos);
}

}  // namespace
}  // namespace ldznet
