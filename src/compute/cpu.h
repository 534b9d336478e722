#pragma once

namespace ldznet {

/// Whether this CPU multiplies bfloat16 natively (AVX-512 BF16 or AMX), so that bf16 is the faster precision.
bool has_bf16_products();

/// Whether the kernels of this folder that are written for AVX-512 BF16 can run.
bool has_avx512_bf16();

/// Whether this CPU has matrix tiles (AMX): they multiply so much faster than vectors that it does not pay to save
/// multiplications.
bool has_matrix_tiles();

}  // namespace ldznet
