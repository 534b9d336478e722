#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ldznet::cli {

/// Reads all of stdin. Throws Error(bad_image) when it has more than `limit` bytes, Error(missing_input) when it cannot
/// be read, and Interrupted.
std::string read_stdin(std::size_t limit);

/// Reads the lines of a text file, or of stdin when `file` is "-", without line ends (\n or \r\n) and byte-order mark.
/// A file with NUL bytes is split at these instead, as `find -print0` writes it. `flag` is the option that names the
/// file, for messages. Throws Error(missing_input) when it cannot be read or has more than 256 MiB, and Interrupted.
std::vector<std::string> read_lines(const std::string& file, const std::string& flag);

}  // namespace ldznet::cli
