#include "compute/direct_convolution.h"

#include <cstdint>

#include "compute/panels.h"
#include "compute/value_type.h"

namespace ldznet {

#if defined(__x86_64__)

namespace {

/// An axis of the image, from a convolution's parameters, which have one number for both axes or one each.
struct Axis {
  std::int64_t size, padding, stride, dilation, kernel;
  std::int64_t outputs = 0;

  Axis(std::size_t axis, const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef strides,
       at::IntArrayRef paddings, at::IntArrayRef dilations)
      : size(x.size(static_cast<std::int64_t>(axis) + 2)),
        padding(paddings[axis % paddings.size()]),
        stride(strides[axis % strides.size()]),
        dilation(dilations[axis % dilations.size()]),
        kernel(weight.size(static_cast<std::int64_t>(axis) + 2)) {
    TORCH_CHECK(stride > 0 && padding >= 0 && dilation > 0, "a convolution's parameters are out of range");
    const std::int64_t reach = dilation * (kernel - 1) + 1;
    TORCH_CHECK(padded() >= reach, "a convolution's input of size ", size, " is smaller than its kernel");
    outputs = (padded() - reach) / stride + 1;
  }

  std::int64_t padded() const { return size + 2 * padding; }
};

/// The image (B,H,W,C) with its borders, and with `channels` channels, the added ones 0.
at::Tensor with_borders(const at::Tensor& x, const Axis& height, const Axis& width, std::int64_t channels) {
  const at::Tensor image = x.permute({0, 2, 3, 1});
  if (height.padding == 0 && width.padding == 0 && channels == x.size(1)) return image.contiguous();
  const at::Tensor padded = at::zeros({x.size(0), height.padded(), width.padded(), channels}, x.options());
  padded.narrow(1, height.padding, height.size)
      .narrow(2, width.padding, width.size)
      .narrow(3, 0, x.size(1))
      .copy_(image);
  return padded;
}

template <typename T>
void convolve(const at::Tensor& image, const at::Tensor& packed, const at::Tensor& bias, const Axis& height,
              const Axis& width, const panels::Product& product, at::Tensor& out) {
  const auto* const pixels = static_cast<const T*>(image.const_data_ptr());
  auto* const to = static_cast<T*>(out.mutable_data_ptr());
  panels::multiply(
      product, static_cast<const T*>(packed.const_data_ptr()),
      [&](std::int64_t row) {
        const std::int64_t x = row % width.outputs * width.stride, line = row / width.outputs;
        const std::int64_t y = line / height.outputs * height.padded() + line % height.outputs * height.stride;
        return pixels + (y * width.padded() + x) * product.channels;
      },
      [&](const float* sums, std::int64_t row, std::int64_t rows, std::int64_t column, std::int64_t columns) {
        panels::write_sums(sums, bias.const_data_ptr<float>(), product, row, rows, column, columns, to);
      });
}

}  // namespace

bool can_convolve_direct(const at::Tensor& weight) {
  // A few outputs are not worth a vector.
  return can_use_panels(weight) && weight.dim() == 4 && weight.numel() > 0 && weight.size(0) % 8 == 0;
}

at::Tensor convolve_direct(const at::Tensor& x, const at::Tensor& packed, const std::optional<at::Tensor>& bias,
                           at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation) {
  panels::check(x, packed, bias);
  TORCH_CHECK(x.dim() == 4 && packed.dim() == 4 && x.size(1) == packed.size(1) && !stride.empty() && !padding.empty() &&
                  !dilation.empty(),
              "a convolution's input ", x.sizes(), " does not match its packed weights ", packed.sizes());
  const Axis height(0, x, packed, stride, padding, dilation), width(1, x, packed, stride, padding, dilation);
  panels::Product product{
      x.size(0) * height.outputs * width.outputs, packed.size(0), panels::padded_channels(packed), {}};
  for (std::int64_t i = 0; i < height.kernel; ++i)
    for (std::int64_t j = 0; j < width.kernel; ++j)
      product.offsets.push_back((i * height.dilation * width.padded() + j * width.dilation) * product.channels);
  const at::Tensor image = with_borders(x, height, width, product.channels);
  const at::Tensor offset = panels::padded_bias(bias, product.columns);
  at::Tensor out = at::empty({x.size(0), product.columns, height.outputs, width.outputs}, x.options(),
                             at::MemoryFormat::ChannelsLast);
  with_value_type(x, [&]<typename T>(T /*type*/) { convolve<T>(image, packed, offset, height, width, product, out); });
  return out;
}

#else

bool can_convolve_direct(const at::Tensor&) { return false; }
at::Tensor convolve_direct(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, at::IntArrayRef,
                           at::IntArrayRef, at::IntArrayRef) {
  TORCH_CHECK(false, "this CPU has no AVX-512 BF16");
}

#endif

}  // namespace ldznet
