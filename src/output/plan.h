#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "output/names.h"

namespace ldznet {

/// Where every file of a run goes, known before the first picture is read.
///
/// A picture `zoo/img.png` with the prompt "panda" gets `<folder>/zoo/img.png.panda.mask.png`; for all its prompts
/// together there is `<folder>/zoo/img.png.labels.png`, to be looked at, and `<folder>/zoo/img.png.labels-index.png`,
/// whose pixels are the prompts' numbers; for other tools `<folder>/zoo/img.txt` and `<folder>/zoo/img.json`.
class OutputPlan {
 public:
  /// Plans for pictures, named by distinct relative paths, and distinct prompts.
  /// Throws Error(usage) when two pictures or two prompts would have the same files.
  OutputPlan(std::filesystem::path folder, std::vector<std::string> pictures, const std::vector<std::string>& prompts,
             std::vector<OutputKind> kinds);

  /// Plans one picture of one kind into this very file.
  OutputPlan(std::filesystem::path file, OutputKind kind);

  /// The plan for some of its pictures, by their numbers.
  OutputPlan part(const std::vector<std::size_t>& pictures) const;

  const std::vector<OutputKind>& kinds() const { return kinds_; }

  /// The very file that everything goes into, where there is one.
  const std::optional<std::filesystem::path>& single_file() const { return file_; }

  bool has(OutputKind kind) const;

  /// The file of a picture and a prompt; not for what is of all prompts.
  std::filesystem::path file(std::size_t picture, std::size_t prompt, OutputKind kind) const;

  /// The file of a picture that is of all prompts.
  std::filesystem::path file(std::size_t picture, OutputKind kind) const;

  /// What belongs to OutputKind::labels beside its file; empty when everything goes into one very file.
  std::filesystem::path label_index(std::size_t picture) const;

  /// The folder of all files of a picture.
  std::filesystem::path folder(std::size_t picture) const;

  /// All files of a picture.
  std::vector<std::filesystem::path> files(std::size_t picture) const;

  /// Throws Error(cannot_write) when a planned file exists and must not be replaced, when something else is in its
  /// place, or when a link would lead it out of the folder.
  void check_not_existing(bool overwrite) const;

  /// Throws Error(cannot_write) when a link leads the file out of the folder: to be asked again right before writing.
  void check_inside_folder(const std::filesystem::path& file) const;

 private:
  std::filesystem::path named(const std::filesystem::path& relative, const std::string& ending) const;

  std::filesystem::path folder_;               ///< empty for a very file
  std::optional<std::filesystem::path> file_;  ///< the very file
  std::vector<std::string> pictures_;          ///< safe relative paths
  std::vector<std::string> slugs_;             ///< by prompt
  std::vector<OutputKind> kinds_;
};

/// Whether --output means one very file, which ends in .png, and not a folder. Throws Error(usage) when it is called as
/// a picture of another kind.
bool is_one_file(const std::filesystem::path& output);

/// Throws Error(cannot_write) when `file` is there and may not be replaced, or is no plain file.
void check_not_existing(const std::filesystem::path& file, bool overwrite);

/// Throws Error(cannot_write) when no files can be made in the folder, or the folder itself cannot be made, so that
/// this is known before the work and not after. Makes nothing.
void check_writable(const std::filesystem::path& folder);

}  // namespace ldznet
