#include "image/lab.h"

namespace ldznet {

bool is_lab(VipsImage* picture) {
  return picture->Type == VIPS_INTERPRETATION_LAB || picture->Type == VIPS_INTERPRETATION_LABQ ||
         picture->Type == VIPS_INTERPRETATION_LABS;
}

VipsPicture lab_in_srgb(VipsImage* picture) {
  // Packed samples have 10 bits of lightness, of which the TIFF loader leaves the last two 0.
  const double full = picture->Coding == VIPS_CODING_LABQ ? 1023.0 / 1020 : 1;
  const double scale[] = {full, 1, 1}, offset[] = {0, 0, 0};
  // libvips takes the white point for D65. This is its factor to D50's, and then Bradford's matrix from D50 to D65.
  const double adaptation[] = {0.969381,  -0.0230393, 0.0478529, -0.0286982, 1.0099416,
                               0.0159155, 0.0124759,  -0.020483, 1.0075423};
  const VipsPicture matrix(vips_image_new_matrix_from_array(3, 3, adaptation, 9));
  VipsPicture step =
      result_of([&](VipsImage** out) { return vips_colourspace(picture, out, VIPS_INTERPRETATION_LAB, nullptr); });
  const auto apply = [&step](auto operation) {
    if (step) step = result_of([&](VipsImage** out) { return operation(step.get(), out); });
  };
  apply([&](VipsImage* in, VipsImage** out) { return vips_linear(in, out, scale, offset, 3, nullptr); });
  apply([](VipsImage* in, VipsImage** out) { return vips_Lab2XYZ(in, out, nullptr); });
  apply([&](VipsImage* in, VipsImage** out) { return vips_recomb(in, out, matrix.get(), nullptr); });
  apply([](VipsImage* in, VipsImage** out) { return vips_XYZ2scRGB(in, out, nullptr); });
  apply([](VipsImage* in, VipsImage** out) { return vips_scRGB2sRGB(in, out, nullptr); });
  if (step) vips_image_remove(step.get(), VIPS_META_ICC_NAME);  // a profile of other colours
  return step;
}

}  // namespace ldznet
