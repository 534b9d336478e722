#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "ldznet/error.h"

namespace ldznet {

namespace {

void require(int openssl_result) {
  if (openssl_result != 1) throw Error(ErrorCode::internal, "OpenSSL cannot compute SHA-256 on this machine");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  require(EVP_DigestFinal_ex(context_.get(), bytes.data(), &length));
  return {bytes.begin(), bytes.begin() + length};
}

std::string Sha256::hex() {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const char letter : digest()) {
    const auto byte = static_cast<unsigned char>(letter);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

}  // namespace ldznet
