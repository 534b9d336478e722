#include "compute/group_norm.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "compute/avx512.h"
#include "compute/cpu.h"
#include "compute/value_type.h"

namespace ldznet {

#if defined(__x86_64__)

namespace {

using avx512::kLanes;
using avx512::load;
using avx512::store;

constexpr std::int64_t kPixels = 64;  // summed in float32 before the sums are added in float64

/// x / (1 + e^-x)
LDZNET_AVX512_BF16 inline __m512 silu_of(__m512 x) {
  const __m512 power = avx512::exp(_mm512_sub_ps(_mm512_setzero_ps(), x));
  return _mm512_div_ps(x, _mm512_add_ps(power, _mm512_set1_ps(1.0F)));
}

/// Computes every channel's sum and sum of squares over `pixels` pixels.
template <typename T>
LDZNET_AVX512_BF16 void sums_of(const T* x, std::int64_t pixels, std::int64_t channels, float* sums, float* squares) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    __m512 sum = _mm512_setzero_ps(), square = _mm512_setzero_ps();
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      const __m512 value = load(x + pixel * channels + c);
      sum = _mm512_add_ps(sum, value);
      square = _mm512_fmadd_ps(value, value, square);
    }
    _mm512_storeu_ps(sums + c, sum);
    _mm512_storeu_ps(squares + c, square);
  }
}

/// Applies every channel's factor and offset, then SiLU if `silu`.
template <typename T>
LDZNET_AVX512_BF16 void apply(const T* x, std::int64_t pixels, std::int64_t channels, const float* factors,
                              const float* offsets, bool silu, T* out) {
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
    for (std::int64_t c = 0; c < channels; c += kLanes) {
      const std::int64_t at = pixel * channels + c;
      const __m512 scaled = _mm512_fmadd_ps(load(x + at), _mm512_loadu_ps(factors + c), _mm512_loadu_ps(offsets + c));
      store(out + at, silu ? silu_of(scaled) : scaled);
    }
}

/// Splits every image's pixels into `parts` and returns the channels' sums and sums of squares of every part:
/// [images][parts][2][channels].
template <typename T>
std::vector<double> partial_sums(const T* x, std::int64_t images, std::int64_t pixels, std::int64_t channels,
                                 std::int64_t parts) {
  std::vector<double> totals(static_cast<std::size_t>(images * parts * 2 * channels));
  at::parallel_for(0, images * parts, 1, [&](std::int64_t first, std::int64_t end) {
    std::vector<float> sums(static_cast<std::size_t>(2 * channels));
    for (std::int64_t part = first; part < end; ++part) {
      const std::int64_t from = part % parts * pixels / parts, to = (part % parts + 1) * pixels / parts;
      double* const total = totals.data() + part * 2 * channels;
      for (std::int64_t pixel = from; pixel < to; pixel += kPixels) {
        sums_of(x + (part / parts * pixels + pixel) * channels, std::min(kPixels, to - pixel), channels, sums.data(),
                sums.data() + channels);
        for (std::int64_t c = 0; c < 2 * channels; ++c) total[c] += sums[static_cast<std::size_t>(c)];
      }
    }
  });
  return totals;
}

/// The factor and the offset of every channel of an image: [2][channels].
std::vector<float> factors_of(const double* totals, std::int64_t parts, std::int64_t channels, std::int64_t groups,
                              std::int64_t pixels, const float* weight, const float* bias, double eps) {
  std::vector<float> factors(static_cast<std::size_t>(2 * channels));
  const std::int64_t width = channels / groups;
  for (std::int64_t group = 0; group < groups; ++group) {
    double sum = 0, squares = 0;
    for (std::int64_t part = 0; part < parts; ++part)
      for (std::int64_t c = group * width; c < (group + 1) * width; ++c) {
        sum += totals[part * 2 * channels + c];
        squares += totals[part * 2 * channels + channels + c];
      }
    const double count = static_cast<double>(pixels * width), mean = sum / count;
    const double inverse = 1 / std::sqrt(std::max(squares / count - mean * mean, 0.0) + eps);
    for (std::int64_t c = group * width; c < (group + 1) * width; ++c) {
      factors[static_cast<std::size_t>(c)] = static_cast<float>(weight[c] * inverse);
      factors[static_cast<std::size_t>(channels + c)] = static_cast<float>(bias[c] - mean * weight[c] * inverse);
    }
  }
  return factors;
}

template <typename T>
void run(const T* x, T* out, const at::Tensor& like, std::int64_t groups, const float* weight, const float* bias,
         double eps, bool silu) {
  const std::int64_t images = like.size(0), channels = like.size(1), pixels = like.size(2) * like.size(3);
  // Depends on the size only, so that the result does not depend on the number of threads.
  const std::int64_t parts = std::clamp<std::int64_t>(pixels / 512, 1, 64);
  const std::vector<double> totals = partial_sums(x, images, pixels, channels, parts);
  std::vector<std::vector<float>> factors;
  for (std::int64_t image = 0; image < images; ++image)
    factors.push_back(
        factors_of(totals.data() + image * parts * 2 * channels, parts, channels, groups, pixels, weight, bias, eps));
  at::parallel_for(0, images * parts, 1, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t part = first; part < end; ++part) {
      const std::int64_t from = part % parts * pixels / parts, to = (part % parts + 1) * pixels / parts;
      const std::int64_t at = (part / parts * pixels + from) * channels;
      const std::vector<float>& own = factors[static_cast<std::size_t>(part / parts)];
      apply(x + at, to - from, channels, own.data(), own.data() + channels, silu, out + at);
    }
  });
}

}  // namespace

bool can_group_norm(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias) {
  return has_avx512_bf16() && x.is_cpu() && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
         weight.defined() && bias.defined() && x.size(1) % kLanes == 0 && groups > 0 && x.size(1) % groups == 0 &&
         weight.numel() == x.size(1) && bias.numel() == x.size(1) &&
         (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

at::Tensor group_norm(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight, const at::Tensor& bias,
                      double eps, bool silu) {
  at::Tensor out = at::empty_like(x);
  const at::Tensor w = weight.to(at::kFloat).contiguous(), b = bias.to(at::kFloat).contiguous();
  const auto* const factors = w.const_data_ptr<float>();
  const auto* const offsets = b.const_data_ptr<float>();
  with_value_type(x, [&]<typename T>(T /*type*/) {
    run(static_cast<const T*>(x.const_data_ptr()), static_cast<T*>(out.mutable_data_ptr()), x, groups, factors, offsets,
        eps, silu);
  });
  return out;
}

#else

bool can_group_norm(const at::Tensor&, std::int64_t, const at::Tensor&, const at::Tensor&) { return false; }
at::Tensor group_norm(const at::Tensor&, std::int64_t, const at::Tensor&, const at::Tensor&, double, bool) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}

#endif

}  // namespace ldznet
