#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ldznet {

/// A pattern for the names of files: text with parts in braces, for example "{dir}/{stem}-{prompt}{ext}".
class NameTemplate {
 public:
  /// What the parts stand for.
  struct Parts {
    std::string dir;     ///< the folder of the picture's file; empty: none
    std::string stem;    ///< the name of the picture's file without its suffix
    std::string ext;     ///< the suffix of the file that is named
    std::string prompt;  ///< as in the usual names
    std::string kind;    ///< "mask", "overlay", ...
    std::string index;   ///< the picture's number in the run
  };

  /// A template without {ext} gets it at its end. Throws Error(usage) for unknown parts, single braces, and paths that
  /// are absolute or have a component "." or "..".
  explicit NameTemplate(const std::string& text);

  const std::string& text() const { return text_; }

  /// Whether {ext} is at its end.
  bool ends_with_ext() const { return pieces_.back().part == &Parts::ext; }

  /// A relative path that is safe to create below a folder, see safe_path(). Throws Error(usage) when nothing but the
  /// suffix is left for the name.
  std::filesystem::path expand(const Parts& parts) const;

 private:
  /// Text, or a part if `part` is not null.
  struct Piece {
    std::string text;
    std::string Parts::*part;
  };

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace ldznet
