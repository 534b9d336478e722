#include "image/format/jpeg_markers.h"

#include <cstdint>
#include <string_view>

#include "image/format/bytes.h"

namespace ldznet {
namespace {

using namespace std::string_view_literals;

bool is_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

}  // namespace

JpegMarkers read_jpeg_markers(std::span<const std::byte> encoded) {
  const Bytes bytes(encoded);
  std::vector<std::byte> kept;
  bool garbage = false, one_scan = false;
  std::uint32_t components = 0;
  const auto keep = [&](std::size_t from, std::size_t to) {
    const auto part = bytes.part(from, to - from);
    kept.insert(kept.end(), part.begin(), part.end());
  };
  keep(0, 2);
  for (std::size_t at = 2; at < bytes.size();) {
    const std::size_t start = at;
    while (at < bytes.size() && bytes.big(at, 1) != 0xFF) ++at;
    garbage = garbage || at != start;
    while (bytes.big(at, 1) == 0xFF) ++at;  // any number of fill bytes may precede a marker
    const std::uint32_t marker = bytes.big(at, 1).value_or(0xD9);
    if (marker == 0xD9) return {};
    ++at;
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    const auto length = bytes.big(at, 2);
    if (!length || *length < 2) return {};
    if (is_frame(marker)) {
      one_scan = marker <= 0xC1;  // baseline and extended sequential: one scan may hold all components
      components = bytes.big(at + 7, 1).value_or(0);
    }
    if (marker == 0xDA) {  // start of scan
      one_scan = one_scan && bytes.big(at + 2, 1) == components;
      const auto rest = bytes.part(at + *length, bytes.size());
      const std::string_view scans(reinterpret_cast<const char*>(rest.data()), rest.size());
      const bool ended = scans.find("\xFF\xD9"sv) != std::string_view::npos;
      JpegMarkers markers{ended || one_scan, {}};
      if (!garbage && ended) return markers;
      keep(at - 2, bytes.size());
      if (!ended) kept.insert(kept.end(), {std::byte{0xFF}, std::byte{0xD9}});
      markers.mended = std::move(kept);
      return markers;
    }
    keep(at - 2, at + *length);
    at += *length;
  }
  return {};
}

}  // namespace ldznet
