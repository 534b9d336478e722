#include "output/name_template.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "ldznet/error.h"
#include "output/names.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

using Parts = NameTemplate::Parts;

constexpr std::array<std::pair<const char*, std::string Parts::*>, 6> kParts = {{{"dir", &Parts::dir},
                                                                                 {"stem", &Parts::stem},
                                                                                 {"ext", &Parts::ext},
                                                                                 {"prompt", &Parts::prompt},
                                                                                 {"kind", &Parts::kind},
                                                                                 {"index", &Parts::index}}};
constexpr const char* kHint = "Its parts are {dir}, {stem}, {ext}, {prompt}, {kind} and {index}.";

[[noreturn]] void refuse(const std::string& text, const std::string& problem, const std::string& hint = kHint) {
  throw Error(ErrorCode::usage, "--name \"" + text + "\": " + problem, hint);
}

std::string Parts::*part_called(const std::string& text, const std::string& name) {
  const auto found = std::find_if(kParts.begin(), kParts.end(), [&](const auto& part) { return name == part.first; });
  if (found == kParts.end()) refuse(text, "there is no part {" + name + "}");
  return found->second;
}

}  // namespace

NameTemplate::NameTemplate(const std::string& text) : text_(text) {
  if (text.starts_with('/')) refuse(text, "the path is absolute", "Name the folder with --output.");
  for (const std::string& component : split(text, '/'))
    if (component == "." || component == "..")
      refuse(text, "the path contains \"" + component + "\"", "Files go only below the folder of --output.");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    if (brace > at) pieces_.push_back({text.substr(at, brace - at), nullptr});
    if (brace == text.size()) break;
    const std::size_t end = text.find('}', brace);
    if (text[brace] == '}' || end == std::string::npos) refuse(text, "a brace has no partner");
    pieces_.push_back({"", part_called(text, text.substr(brace + 1, end - brace - 1))});
    at = end + 1;
  }
  const auto is_ext = [](const Piece& piece) { return piece.part == &Parts::ext; };
  if (std::none_of(pieces_.begin(), pieces_.end(), is_ext)) pieces_.push_back({"", &Parts::ext});
}

fs::path NameTemplate::expand(const Parts& parts) const {
  std::string path;
  for (const Piece& piece : pieces_) path += piece.part != nullptr ? parts.*piece.part : piece.text;
  // The suffix stays whole, however much of a long name has to go.
  const std::string ending = path.ends_with(parts.ext) ? parts.ext : "";
  path.resize(path.size() - ending.size());
  if (path.empty() || path.ends_with('/')) refuse(text_, "the name of a file would be empty");
  const fs::path safe = safe_path(path);
  return safe.parent_path() / fitted_name(safe.filename().string(), ending);
}

}  // namespace ldznet
