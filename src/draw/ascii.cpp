#include "draw/ascii.h"

#include <utf8proc.h>

#include <cstdlib>

namespace ldznet {

std::string to_ascii(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                      UTF8PROC_STRIPMARK | UTF8PROC_STRIPCC);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  if (size < 0) return "?";
  std::string ascii;
  bool after_other = false;
  for (utf8proc_ssize_t i = 0; i < size; ++i) {
    const bool other = mapped[i] >= 0x7F;
    if (!other) ascii.push_back(static_cast<char>(mapped[i]));
    if (other && !after_other) ascii.push_back('?');
    after_other = other;
  }
  std::free(mapped);
  return ascii;
}

}  // namespace ldznet
