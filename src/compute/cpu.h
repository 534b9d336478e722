#pragma once

#include <string>
#include <vector>

namespace ldznet {

/// Whether this CPU multiplies bfloat16 natively (AVX-512 BF16 or AMX), so that bf16 is the faster precision.
bool has_bf16_products();

/// Whether this CPU has AVX-512 BF16, which the kernels of this folder need.
bool has_avx512_bf16();

/// Whether this CPU has matrix tiles (AMX). They multiply so much faster than vectors that Winograd's saving does not
/// pay.
bool has_matrix_tiles();

/// The features of this CPU that the speed depends on, for example {"avx2", "avx512", "avx512-bf16"}.
std::vector<std::string> cpu_features();

}  // namespace ldznet
