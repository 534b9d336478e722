#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <system_error>
#include <utility>

#include "image/bytes.h"
#include "image/header.h"
#include "ldznet/error.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

constexpr std::uint64_t kMaxPixels = 178'956'970;  // Pillow's limit: a 24-bit picture of half a gigabyte

[[noreturn]] void refuse(const std::string& name, const std::string& why, const std::string& hint) {
  throw Error(ErrorCode::bad_image, name + ": " + why, hint);
}

/// A WebP file of an animation's first frame alone, which OpenCV can read; the frame may be smaller than the canvas.
std::vector<std::byte> first_webp_frame(std::span<const std::byte> encoded, const Header& header, cv::Rect& place) {
  const Bytes bytes(encoded);
  const std::size_t at = header.first_frame_at;
  place = {static_cast<int>(bytes.little(at, 3).value_or(0)) * 2,
           static_cast<int>(bytes.little(at + 3, 3).value_or(0)) * 2,
           static_cast<int>(bytes.little(at + 6, 3).value_or(0)) + 1,
           static_cast<int>(bytes.little(at + 9, 3).value_or(0)) + 1};
  const auto chunks = bytes.part(at + 16, header.first_frame_length > 16 ? header.first_frame_length - 16 : 0);
  std::vector<std::byte> out;
  const auto put = [&out](std::uint32_t value, int width) {
    for (int i = 0; i < width; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
  };
  const auto text = [&out](std::string_view characters) {
    for (const char c : characters) out.push_back(static_cast<std::byte>(c));
  };
  const bool alpha = Bytes(chunks).has(0, "ALPH");
  text("RIFF");
  put(static_cast<std::uint32_t>(4 + (alpha ? 18 : 0) + chunks.size()), 4);
  text("WEBP");
  if (alpha) {
    text("VP8X");
    put(10, 4);
    put(0x10, 4);  // the alpha flag
    put(static_cast<std::uint32_t>(place.width - 1), 3);
    put(static_cast<std::uint32_t>(place.height - 1), 3);
  }
  out.insert(out.end(), chunks.begin(), chunks.end());
  return out;
}

cv::Mat decode_pixels(std::span<const std::byte> encoded, int mode) {
  const cv::Mat buffer(1, static_cast<int>(encoded.size()), CV_8U, const_cast<std::byte*>(encoded.data()));
  return cv::imdecode(buffer, mode);
}

/// The pixels as stored: 1, 3 or 4 channels (BGR order), 8 or 16 bits, not yet upright.
cv::Mat decode_stored(std::span<const std::byte> encoded, const Header& header) {
  // 32-bit BMP files keep padding where other types keep alpha; JPEG has none, and only the colour mode converts CMYK.
  const bool opaque = header.type == PictureType::bmp || header.type == PictureType::jpeg;
  const int mode = opaque ? cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION : cv::IMREAD_UNCHANGED;
  if (header.first_frame_length == 0) return decode_pixels(encoded, mode);
  cv::Rect place;
  cv::Mat frame = decode_pixels(first_webp_frame(encoded, header, place), mode);
  const cv::Size canvas(static_cast<int>(header.width), static_cast<int>(header.height));
  if (frame.empty() || frame.size() == canvas || (place & cv::Rect({0, 0}, canvas)) != place) return frame;
  cv::Mat whole(canvas, CV_8UC4, cv::Scalar::all(0));
  cv::Mat with_alpha = frame;
  if (frame.channels() == 3) cv::cvtColor(frame, with_alpha, cv::COLOR_BGR2BGRA);
  with_alpha.copyTo(whole(place));
  return whole;
}

/// 16 bits to 8: v / 257, rounded.
cv::Mat to_8_bits(const cv::Mat& stored) {
  if (stored.depth() == CV_8U) return stored;
  cv::Mat out;
  stored.convertTo(out, CV_8U, 1.0 / 257.0);
  return out;
}

/// BGRA over white, BGR.
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
  if (orientation >= 5) {  // 5 to 8: rows and columns change places first
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
  if (encoded.empty()) refuse(name, "the file is empty", "Check that it was copied whole.");
  const auto type = sniff(encoded);
  if (!type) refuse(name, "is not a picture of a known type", "PNG, JPEG, WebP, BMP, TIFF and PNM are read.");
  const std::string kind = ldznet::name(*type);
  const std::string damaged = "Check that it was copied whole, or save it again as PNG.";
  const auto header = read_header(encoded, *type);
  if (!header) refuse(name, "the " + kind + " header is damaged", damaged);
  if (header->width > kMaxPixels || header->height > kMaxPixels || header->width * header->height > kMaxPixels) {
    refuse(name,
           "has " + std::to_string(header->width) + " x " + std::to_string(header->height) + " pixels, the limit is " +
               std::to_string(kMaxPixels),
           "Make it smaller first.");
  }
  if (!header->complete) refuse(name, "the " + kind + " file is truncated or damaged", damaged);
  cv::Mat stored;
  try {
    stored = decode_stored(encoded, *header);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    refuse(name, "cannot decode this " + kind + " file", damaged);
  }
  const bool usable = !stored.empty() && (stored.depth() == CV_8U || stored.depth() == CV_16U) &&
                      (stored.channels() == 1 || stored.channels() == 3 || stored.channels() == 4);
  if (!usable) refuse(name, "cannot decode this " + kind + " file", damaged);

  // OpenCV's TIFF reader turns the picture upright by itself.
  const int orientation = header->type == PictureType::tiff ? 1 : header->orientation;
  const cv::Mat bgr = upright(to_bgr(stored), orientation);
  Image image{bgr.cols, bgr.rows, std::vector<std::uint8_t>(bgr.total() * 3), {}};
  cv::Mat rgb(bgr.size(), CV_8UC3, image.rgb.data());
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  if (!header->frames.empty()) image.warnings.push_back("only the first of its " + header->frames + " is used");
  return image;
}

Image read_image(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw Error(ErrorCode::missing_input, path.string() + ": no such file", "Check the path.");
  }
  if (std::filesystem::is_directory(status))
    refuse(path.string(), "is a folder", "Give its pictures, or the folder itself to segment.");
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(ErrorCode::missing_input, path.string() + ": cannot be read: " + std::strerror(errno),
                "Check its permissions.");
  const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) throw Error(ErrorCode::missing_input, path.string() + ": reading it failed", "Check the disk.");
  return decode_image(std::as_bytes(std::span(content)), path.string());
}

}  // namespace ldznet
