#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ldznet::cli {

/// Why a run over a folder leaves this file out: "text", "raw photograph", "output of ldznet" and so on; nothing if the
/// file is taken. It is taken if its content or its suffix is that of a supported picture, so that a damaged picture is
/// an error and not overlooked. Reads only the file's start, and only of a regular file or a link to one.
std::optional<std::string> reason_to_skip(const std::filesystem::path& file);

/// The reason for files that ldznet wrote itself.
inline constexpr const char* kOwnOutput = "output of ldznet";

}  // namespace ldznet::cli
