#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ldznet::cli {

/// All of stdin, `limit` bytes at most. Throws Error(bad_image) when there is more, Error(missing_input) when it cannot
/// be read, and Interrupted.
std::string read_stdin(std::size_t limit);

/// The lines of a text file, or of stdin when it is called "-", without line ends (\n or \r\n) and without a
/// byte-order mark. `flag` names it in messages. Throws Error(missing_input) when it cannot be read, and Interrupted.
std::vector<std::string> read_lines(const std::string& file, const std::string& flag);

}  // namespace ldznet::cli
