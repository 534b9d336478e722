#include "base/base64.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

namespace ldznet {

std::optional<std::string> decode_base64(std::string_view text) {
  // Checked here because OpenSSL treats '-' as the end of the input.
  constexpr const char* kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n";
  if (text.find_first_not_of(kAlphabet) != std::string_view::npos) return std::nullopt;
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return std::nullopt;
  const std::unique_ptr<EVP_ENCODE_CTX, decltype(&EVP_ENCODE_CTX_free)> context(EVP_ENCODE_CTX_new(),
                                                                                EVP_ENCODE_CTX_free);
  if (!context) return std::nullopt;
  EVP_DecodeInit(context.get());
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  int count = 0, rest = 0;
  if (EVP_DecodeUpdate(context.get(), out, &count, reinterpret_cast<const unsigned char*>(text.data()),
                       static_cast<int>(text.size())) < 0)
    return std::nullopt;
  if (EVP_DecodeFinal(context.get(), out + count, &rest) < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(count) + static_cast<std::size_t>(rest));
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL appends a NUL
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace ldznet
