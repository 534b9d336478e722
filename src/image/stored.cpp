#include "image/stored.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "image/bytes.h"
#include "ldznet/error.h"
#include "ldznet/image.h"

namespace ldznet {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;  // bytes; stops endless inputs such as /dev/zero

[[noreturn]] void refuse(const std::string& name, const std::string& why, const std::string& hint) {
  throw Error(ErrorCode::bad_image, name + ": " + why, hint);
}

/// A still WebP file made of an animation's first frame, which OpenCV can read. Sets `place` to the frame's rectangle
/// on the canvas.
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

/// Decodes the pixels as StoredPicture holds them.
cv::Mat decode_whole(std::span<const std::byte> encoded, const Header& header) {
  // The fourth channel of a 32-bit BMP is padding. JPEG has no alpha, and only the colour mode converts CMYK.
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

}  // namespace

StoredPicture decode_stored(std::span<const std::byte> encoded, const std::string& name) {
  if (encoded.empty()) refuse(name, "the file is empty", "Copy it again.");
  const auto type = sniff(encoded);
  if (!type) refuse(name, "not a supported picture type", "Supported types: PNG, JPEG, WebP, BMP, TIFF and PNM.");
  const std::string kind = ldznet::name(*type);
  const std::string damaged = "Copy it again, or save it again as PNG.";
  const auto header = read_header(encoded, *type);
  if (!header) refuse(name, "the " + kind + " header is damaged", damaged);
  if (header->width > kMostPixels || header->height > kMostPixels || header->width * header->height > kMostPixels) {
    refuse(name,
           "has " + std::to_string(header->width) + " x " + std::to_string(header->height) + " pixels, the limit is " +
               std::to_string(kMostPixels),
           "Make it smaller first.");
  }
  if (!header->complete) refuse(name, "the " + kind + " file is truncated or damaged", damaged);
  cv::Mat stored;
  try {
    stored = decode_whole(encoded, *header);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    refuse(name, "cannot decode this " + kind + " file", damaged);
  }
  const bool usable = !stored.empty() && (stored.depth() == CV_8U || stored.depth() == CV_16U) &&
                      (stored.channels() == 1 || stored.channels() == 3 || stored.channels() == 4);
  if (!usable) refuse(name, "cannot decode this " + kind + " file", damaged);
  return {*header, stored};
}

std::string read_picture_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw Error(ErrorCode::missing_input, path.string() + ": no such file", "Check the path.");
  }
  if (std::filesystem::is_directory(status)) {
    if (::access(path.c_str(), R_OK | X_OK) != 0)
      throw Error(ErrorCode::missing_input, path.string() + ": the folder cannot be read: " + std::strerror(errno),
                  "Check its permissions.");
    refuse(path.string(), "is a folder", "Name a picture in it, or give the folder to `ldznet segment`.");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(ErrorCode::missing_input, path.string() + ": cannot be read: " + std::strerror(errno),
                "Check its permissions.");
  std::string content;
  for (std::array<char, 65536> part; file; content.append(part.data(), static_cast<std::size_t>(file.gcount()))) {
    if (content.size() > kLargestFile)
      refuse(path.string(), "is larger than " + std::to_string(kLargestFile >> 20) + " MiB", "Make it smaller first.");
    file.read(part.data(), part.size());
  }
  if (file.bad())
    throw Error(ErrorCode::missing_input, path.string() + ": cannot be read: input/output error", "Check the disk.");
  return content;
}

}  // namespace ldznet
