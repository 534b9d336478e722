#include "output/png.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "ldznet/error.h"

namespace ldznet {

namespace {

using namespace std::string_view_literals;

// zlib's level 3: for masks within a few percent of level 9's size in a quarter of the time.
constexpr int kCompression = 3;

// The type and the content of the chunk that marks our files, see the PNG specification, 11.3.4.3.
constexpr std::string_view kMark = "tEXtSoftware\0ldznet"sv;
constexpr std::size_t kTypeLength = 4;
constexpr std::size_t kHeaderEnd = 33;  // of the signature and the first chunk, IHDR

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift);
  return bytes;
}

/// Inserts the mark behind the header.
std::string marked(std::string png) {
  const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(kMark.data()), kMark.size());
  return png.insert(kHeaderEnd, big_endian(kMark.size() - kTypeLength) + std::string(kMark) + big_endian(checksum));
}

std::string encode(const cv::Mat& pixels) {
  std::vector<std::uint8_t> bytes;
  try {
    if (cv::imencode(".png", pixels, bytes, {cv::IMWRITE_PNG_COMPRESSION, kCompression}))
      return marked({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    throw Error(ErrorCode::internal, std::string("cannot encode a PNG: ") + error.what());
  }
  throw Error(ErrorCode::internal, "cannot encode a PNG of " + std::to_string(pixels.cols) + " x " +
                                       std::to_string(pixels.rows) + " pixels");
}

}  // namespace

std::string encode_png(const Mask& mask) {
  cv::Mat pixels(mask.height, mask.width, CV_8UC1);
  std::transform(mask.pixels.begin(), mask.pixels.end(), pixels.begin<std::uint8_t>(),
                 [](std::uint8_t inside) { return inside != 0 ? std::uint8_t{255} : std::uint8_t{0}; });
  return encode(pixels);
}

std::string encode_png(const Probability& probability) {
  cv::Mat pixels(probability.height, probability.width, CV_16UC1);
  std::transform(probability.values.begin(), probability.values.end(), pixels.begin<std::uint16_t>(), [](float value) {
    return static_cast<std::uint16_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 65535));
  });
  return encode(pixels);
}

std::string encode_png(const Image& image) {
  const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.rgb.data()));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  return encode(bgr);
}

std::string encode_png(const RgbaImage& image) {
  const cv::Mat rgba(image.height, image.width, CV_8UC4, const_cast<std::uint8_t*>(image.rgba.data()));
  cv::Mat bgra;
  cv::cvtColor(rgba, bgra, cv::COLOR_RGBA2BGRA);
  return encode(bgra);
}

std::string encode_png(const LabelMap& map, std::size_t most) {
  const cv::Mat wide(map.height, map.width, CV_16UC1, const_cast<std::uint16_t*>(map.labels.data()));
  if (most > 255) return encode(wide);
  cv::Mat narrow;
  wide.convertTo(narrow, CV_8U);
  return encode(narrow);
}

bool has_own_mark(std::string_view start) {
  return start.starts_with("\x89PNG"sv) && start.find(kMark) != std::string_view::npos;
}

std::string encode_panoptic_png(const LabelMap& map) {
  cv::Mat bgr(map.height, map.width, CV_8UC3);
  std::transform(map.labels.begin(), map.labels.end(), bgr.begin<cv::Vec3b>(), [](std::uint16_t label) {
    return cv::Vec3b(0, static_cast<std::uint8_t>(label >> 8), static_cast<std::uint8_t>(label & 255));
  });
  return encode(bgr);
}

}  // namespace ldznet
