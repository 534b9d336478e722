#include "image/colour_profile.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace ldznet {
namespace {

/// Perceptual, as Pillow's and browsers' default. Nothing when the profile does not fit the picture.
VipsPicture transform(VipsImage* image) {
  VipsPicture converted = result_of([&](VipsImage** out) {
    return vips_icc_transform(image, out, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_PERCEPTUAL, "depth", 8,
                              nullptr);
  });
  take_vips_error();
  return converted;
}

/// Samples of all colours: a grid of 9 x 9 x 9 in RGB, or all grays.
std::vector<std::uint8_t> sample_colours(int colours) {
  constexpr int kSteps = 9;
  std::vector<std::uint8_t> samples;
  if (colours == 1) {
    for (int gray = 0; gray < 256; ++gray) samples.push_back(static_cast<std::uint8_t>(gray));
    return samples;
  }
  for (int i = 0; i < kSteps * kSteps * kSteps; ++i)
    for (const int step : {i / (kSteps * kSteps), i / kSteps % kSteps, i % kSteps})
      samples.push_back(static_cast<std::uint8_t>(step * 255 / (kSteps - 1)));
  return samples;
}

/// Whether a profile changes no colour by more than rounding does: then it describes sRGB, whoever wrote it.
bool is_srgb(std::span<const std::byte> profile, int colours) {
  constexpr int kRounding = 2;
  std::vector<std::uint8_t> samples = sample_colours(colours);
  const int count = static_cast<int>(samples.size()) / colours;
  const VipsPicture grid(
      vips_image_new_from_memory(samples.data(), samples.size(), count, 1, colours, VIPS_FORMAT_UCHAR));
  grid->Type = colours == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  vips_image_set_blob_copy(grid.get(), VIPS_META_ICC_NAME, profile.data(), profile.size());
  const VipsPicture converted = transform(grid.get());
  if (!converted || converted->Bands != 3 || converted->BandFmt != VIPS_FORMAT_UCHAR) return true;
  std::size_t length = 0;
  const std::unique_ptr<std::uint8_t, decltype(&g_free)> shown(
      static_cast<std::uint8_t*>(vips_image_write_to_memory(converted.get(), &length)), g_free);
  if (!shown || length != static_cast<std::size_t>(count) * 3) return true;
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint8_t before = samples[colours == 1 ? i / 3 : i];
    if (std::abs(before - shown.get()[i]) > kRounding) return false;
  }
  return true;
}

/// The profile; empty for sample types that ICC profiles do not cover.
std::span<const std::byte> profile_of(const OpenPicture& picture) {
  const VipsBandFormat format = picture.image->BandFmt;
  if (format != VIPS_FORMAT_UCHAR && format != VIPS_FORMAT_USHORT) return {};
  return metadata(picture.image.get(), VIPS_META_ICC_NAME);
}

}  // namespace

VipsPicture converted_to_srgb(const OpenPicture& picture) {
  const auto profile = profile_of(picture);
  if (profile.empty()) return nullptr;
  if (picture.colours != 4 && is_srgb(profile, picture.colours)) return nullptr;
  return transform(picture.image.get());
}

std::string rgb_profile(const OpenPicture& picture) {
  const auto profile = profile_of(picture);
  if (profile.empty() || picture.colours != 3 || !transform(picture.image.get())) return "";
  return {reinterpret_cast<const char*>(profile.data()), profile.size()};
}

}  // namespace ldznet
