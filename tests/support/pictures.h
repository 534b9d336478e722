#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "support/ppm.h"
#include "support/temporary_folder.h"

namespace ldznet::test {

/// The bytes of a file of tests/data/pictures.
inline std::string picture(const std::string& name) { return bytes_of(data_folder() / "pictures" / name); }

/// A text's bytes; valid as long as the text.
inline std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace ldznet::test
