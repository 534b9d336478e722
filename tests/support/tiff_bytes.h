#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ldznet::test {

/// A field of a TIFF directory: a number in the entry itself. Types: 3 SHORT, 4 LONG.
struct TiffField {
  std::uint16_t tag = 0;
  std::uint16_t type = 4;
  std::uint64_t value = 0;
};

/// Makes TIFF structures.
struct TiffBytes {
  bool big_endian = false;
  bool big_tiff = false;

  std::string number(std::uint64_t value, int width) const {
    std::string text;
    for (int i = 0; i < width; ++i) text += static_cast<char>(value >> 8 * (big_endian ? width - 1 - i : i) & 255);
    return text;
  }

  std::size_t header_size() const { return big_tiff ? 16 : 8; }
  std::size_t directory_size(std::size_t fields) const { return big_tiff ? 8 + 20 * fields + 8 : 2 + 12 * fields + 4; }

  /// A directory; `next` is the offset of the next one.
  std::string directory(const std::vector<TiffField>& fields, std::uint64_t next) const {
    const int word = big_tiff ? 8 : 4;
    std::string text = number(fields.size(), big_tiff ? 8 : 2);
    for (const TiffField& field : fields) {
      const std::string value = number(field.value, field.type == 3 ? 2 : 4);
      text += number(field.tag, 2) + number(field.type, 2) + number(1, word) + value +
              std::string(word - value.size(), '\0');
    }
    return text + number(next, word);
  }

  /// A file of directories, one behind the other; the last one's link is `last_link`.
  std::string file(const std::vector<std::vector<TiffField>>& pages, std::uint64_t last_link = 0) const {
    std::string text = big_endian ? "MM" : "II";
    text += number(big_tiff ? 43 : 42, 2) + (big_tiff ? number(8, 2) + number(0, 2) : "");
    text += number(header_size(), big_tiff ? 8 : 4);
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const std::uint64_t behind = text.size() + directory_size(pages[i].size());
      text += directory(pages[i], i + 1 < pages.size() ? behind : last_link);
    }
    return text;
  }
};

}  // namespace ldznet::test
