#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "ldznet/error.h"

namespace ldznet {

/// A file descriptor, closed on destruction; -1: none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  void close();

 private:
  int number_;
};

/// Writes all bytes. Returns 0 or the error number.
int write_all(int descriptor, std::string_view bytes);

/// Error(cannot_write) about a file or a folder, with a hint that fits the error number (an errno).
Error write_error(const std::filesystem::path& path, int error);

}  // namespace ldznet
