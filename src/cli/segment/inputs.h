#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ldznet::cli {

/// One picture to segment.
struct Input {
  std::string name;            ///< as the user named it, or the folder's name with the path below it; "-" is stdin
  std::filesystem::path path;  ///< empty: stdin
  std::string relative;        ///< the path its output files are named after; "stdin" for stdin
};

/// Which pictures words name.
struct InputQuery {
  std::vector<std::string> words;    ///< files, folders, "-"
  bool recursive = false;            ///< folders with all that is below them
  std::filesystem::path not_inside;  ///< the output folder, which is passed over below a folder; empty: none
};

/// The pictures, in the order of the words, those of a folder by name. Of a folder every file counts that is a picture
/// by its content or says so by its suffix; hidden files, and links to folders, are passed over. A file that is named
/// itself always counts, even when it is not there: it fails when its turn comes.
///
/// Output names are the paths relative to the working folder; pictures outside of it are named from the deepest folder
/// that they have in common.
/// Throws Error(missing_input) when there is no picture at all or a folder cannot be read.
std::vector<Input> find_inputs(const InputQuery& query);

}  // namespace ldznet::cli
