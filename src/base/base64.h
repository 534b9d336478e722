#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ldznet {

/// Decodes base64 (RFC 4648, with padding; line breaks are ignored). Returns nothing for any other text.
std::optional<std::string> decode_base64(std::string_view text);

/// Encodes bytes as base64, without line breaks.
std::string encode_base64(std::string_view bytes);

}  // namespace ldznet
