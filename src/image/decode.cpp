#include <cstdint>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "image/stored.h"
#include "ldznet/error.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

/// Converts 16 bits to 8: v / 257, rounded.
cv::Mat to_8_bits(const cv::Mat& stored) {
  if (stored.depth() == CV_8U) return stored;
  cv::Mat out;
  stored.convertTo(out, CV_8U, 1.0 / 257.0);
  return out;
}

/// Blends BGRA with white; returns BGR.
cv::Mat flatten(const cv::Mat& bgra) {
  cv::Mat out(bgra.size(), CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y) {
    const auto* in = bgra.ptr<cv::Vec4b>(y);
    auto* to = out.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgra.cols; ++x) {
      const int alpha = in[x][3];
      for (int c = 0; c < 3; ++c) {
        const int sum = in[x][c] * alpha + 255 * (255 - alpha);
        to[x][c] = static_cast<std::uint8_t>((sum + 127) / 255);
      }
    }
  }
  return out;
}

cv::Mat to_bgr(const cv::Mat& stored) {
  const cv::Mat pixels = to_8_bits(stored);
  cv::Mat out = pixels;
  if (pixels.channels() == 1) cv::cvtColor(pixels, out, cv::COLOR_GRAY2BGR);
  if (pixels.channels() == 4) out = flatten(pixels);
  return out;
}

/// Undoes an EXIF orientation.
cv::Mat upright(const cv::Mat& stored, int orientation) {
  if (orientation == 1) return stored;
  cv::Mat out = stored;
  if (orientation >= 5) {  // 5 to 8 also need transposing, first
    cv::Mat transposed;
    cv::transpose(stored, transposed);
    out = transposed;
  }
  constexpr int kRows = 0, kColumns = 1, kBoth = -1;
  cv::Mat flipped;
  switch (orientation) {
    case 2:
      cv::flip(out, flipped, kColumns);
      return flipped;
    case 3:
      cv::flip(out, flipped, kBoth);
      return flipped;
    case 4:
      cv::flip(out, flipped, kRows);
      return flipped;
    case 6:
      cv::flip(out, flipped, kColumns);
      return flipped;
    case 7:
      cv::flip(out, flipped, kBoth);
      return flipped;
    case 8:
      cv::flip(out, flipped, kRows);
      return flipped;
    default:
      return out;
  }
}

}  // namespace

Image decode_image(std::span<const std::byte> encoded, const std::string& name) {
  const auto [header, stored] = decode_stored(encoded, name);
  try {
    // OpenCV's TIFF reader applies the orientation itself.
    const int orientation = header.type == PictureType::tiff ? 1 : header.orientation;
    const cv::Mat bgr = upright(to_bgr(stored), orientation);
    Image image{bgr.cols, bgr.rows, std::vector<std::uint8_t>(bgr.total() * 3), {}};
    cv::Mat rgb(bgr.size(), CV_8UC3, image.rgb.data());
    cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    if (!header.frame_kind.empty()) image.warnings.push_back("only the first " + header.frame_kind + " is used");
    return image;
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw Error(ErrorCode::bad_image, name + ": cannot apply the EXIF orientation: " + error.what());
  }
}

Image read_image(const std::filesystem::path& path) {
  const std::string content = read_picture_file(path);
  return decode_image(std::as_bytes(std::span(content)), path.string());
}

}  // namespace ldznet
