#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace ldznet {

/// Computes the SHA-256 of data that arrives in pieces.
class Sha256 {
 public:
  /// Throws Error(internal) when OpenSSL cannot start the computation.
  Sha256();

  /// Hashes the next piece.
  void update(std::span<const std::byte> bytes);

  /// Finishes and returns the hash, 32 bytes. Call it or `hex` once, last.
  std::string digest();

  /// The same as 64 lower-case hex digits.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The SHA-256 of `bytes`, 64 lower-case hex digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace ldznet
