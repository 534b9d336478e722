#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ldznet/error.h"

namespace ldznet::cli {

/// One picture to segment.
struct Input {
  std::string name;            ///< as the user wrote it ("-": stdin); a picture found in a folder is prefixed with it
  std::filesystem::path path;  ///< empty: there is no file, as for stdin
  std::string relative;        ///< the path that its output files are named after; "stdin" for stdin
  bool missing = false;        ///< it was named and did not exist when the inputs were looked for
};

/// Where to look for pictures.
struct InputQuery {
  std::vector<std::string> paths;  ///< files, folders, "-"
  bool recursive = false;          ///< read the folders below folders, too
  std::filesystem::path excluded;  ///< a folder that recursion skips, such as the output folder; empty: none
};

/// The pictures in the order of the paths; those of a folder are sorted by path (see `scan_folder`). What folders hold
/// besides is logged: count and kinds, on the level debug also the names. A file that is named explicitly is always
/// included, even if it does not exist, and so is a folder that cannot be read: they fail when their turn comes. A
/// picture that is found or named several times is included once, at its first place.
///
/// Output files are named after paths relative to the working folder; for pictures outside of it, relative to their
/// deepest common folder.
/// Throws Error(missing_input) when there is no picture at all.
std::vector<Input> find_inputs(const InputQuery& query);

/// The error of a missing input.
Error no_such_file(const Input& input);

/// Warns when some of the inputs are missing. Throws Error(missing_input) when all are.
void check_existence(const std::vector<Input>& inputs);

}  // namespace ldznet::cli
