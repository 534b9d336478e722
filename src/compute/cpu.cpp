#include "compute/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace ldznet {

#if defined(__x86_64__)

bool has_avx512_bf16() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
  return has;
}

bool has_matrix_tiles() {
  static const bool has = [] {
    constexpr unsigned kAmxBf16 = 1U << 22;  // CPUID leaf 7, edx
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kAmxBf16) != 0;
  }();
  return has;
}

std::vector<std::string> cpu_features() {
  std::vector<std::string> features;
  if (__builtin_cpu_supports("avx2")) features.emplace_back("avx2");
  if (__builtin_cpu_supports("avx512f")) features.emplace_back("avx512");
  if (has_avx512_bf16()) features.emplace_back("avx512-bf16");
  if (has_matrix_tiles()) features.emplace_back("amx-bf16");
  return features;
}

#else

std::vector<std::string> cpu_features() { return {}; }
bool has_avx512_bf16() { return false; }
bool has_matrix_tiles() { return false; }

#endif

bool has_bf16_products() { return has_avx512_bf16() || has_matrix_tiles(); }

}  // namespace ldznet
