#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ldznet {

/// The bytes that base64 stands for (RFC 4648, with its padding; line breaks are passed over). Nothing for any other
/// text.
std::optional<std::string> decode_base64(std::string_view text);

/// The other way, in one line.
std::string encode_base64(std::string_view bytes);

}  // namespace ldznet
