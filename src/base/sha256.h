#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace ldznet {

/// SHA-256 of bytes that arrive in pieces.
class Sha256 {
 public:
  /// Throws Error(internal) when the cryptographic library refuses to start.
  Sha256();

  /// Takes in the next piece.
  void update(std::span<const std::byte> bytes);

  /// The hash of everything taken in, 64 lower-case hex digits. Ends the computation: call it once, last.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The hash of bytes at hand, 64 lower-case hex digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace ldznet
