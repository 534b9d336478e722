#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files/folder.h"
#include "base/output_kind.h"
#include "output/name_template.h"

namespace ldznet {

/// The names of all files that a run makes of its pictures, known before the first picture is read.
///
/// A picture `zoo/img.png` with the prompt "panda" gets `<folder>/zoo/img.png.panda.mask.png`, or a file for each
/// instance: `img.png.panda.1.mask.png`, `img.png.panda.2.mask.png`. For all its prompts together there are
/// `<folder>/zoo/img.png.labels.png`, in colours, and `<folder>/zoo/img.png.labels-index.png`, whose pixels are the
/// prompts' numbers; for other tools `<folder>/zoo/img.json` (labelme), and `<folder>/labels/zoo/img.txt` (yolo) with
/// `<folder>/images/zoo/img.png` (yolo_image).
class OutputPlan {
 public:
  /// Plans files in a folder for pictures, named by distinct relative paths, and distinct prompts. `labels` brings
  /// `labels_index` with it, and `yolo` brings `yolo_image`. Throws Error(usage) when two pictures or two prompts would
  /// have the same files. `names`: how the files are called, except those for other tools; unset: as above.
  /// `instances`: every instance of a prompt has files of its own; a template must have its suffix at the end then.
  OutputPlan(std::filesystem::path folder, std::vector<std::string> pictures, const std::vector<std::string>& prompts,
             std::vector<OutputKind> kinds, std::optional<NameTemplate> names = {}, bool instances = false);

  /// Plans a single file, for one picture and one kind.
  OutputPlan(std::filesystem::path file, OutputKind kind);

  /// The plan for some of the pictures, by their indices.
  OutputPlan part(const std::vector<std::size_t>& pictures) const;

  const std::vector<OutputKind>& kinds() const { return kinds_; }

  /// The template that files are named by; empty: none.
  std::string name_template() const { return names_ ? names_->text() : ""; }

  /// The only file, if the plan is for one picture of one kind.
  const std::optional<std::filesystem::path>& single_file() const { return file_; }

  /// The folder that all files are below; for a single file, the folder it is in.
  std::filesystem::path root() const { return file_ ? file_->parent_path() : folder_; }

  bool has(OutputKind kind) const;

  /// The file of a picture and a prompt, for kinds that are not of all prompts. `instance`: its number, if instances
  /// have files of their own.
  std::filesystem::path file(std::size_t picture, std::size_t prompt, OutputKind kind,
                             const std::string& instance = "1") const;

  /// The file of a picture, for kinds that are of all prompts.
  std::filesystem::path file(std::size_t picture, OutputKind kind) const;

  /// The folders of the files of a picture.
  std::vector<std::filesystem::path> folders(std::size_t picture) const;

  /// All files of a picture; of instances, whose number is not known in advance, those of the first.
  std::vector<std::filesystem::path> files(std::size_t picture) const;

  /// Opens the folder of a planned file, created if missing. The root is opened at the first call and kept, also by
  /// copies of the plan, so that no file leaves it when another program replaces it by a link.
  /// Throws Error(cannot_write), also when a link leads out of the root.
  Folder open_folder(const std::filesystem::path& file) const;

  /// Throws Error(cannot_write) when the root is no longer in its place. Opens it first if that is still to do.
  void check_root() const { open_root().check_in_place(); }

  /// Throws Error(cannot_write) when a planned file exists and `overwrite` is false, when a folder or a device is in
  /// its place, or when a link would lead out of the folder.
  void check_not_existing(bool overwrite) const;

 private:
  const Folder& open_root() const;
  std::filesystem::path named(const std::filesystem::path& relative, const std::string& ending) const;
  std::filesystem::path by_template(std::size_t picture, const std::string& prompt, OutputKind kind,
                                    const std::string& suffix) const;
  void check_templates_names() const;
  /// Throws Error when a folder of the plan, mapped to whether it exists, has a file of a later instance than the
  /// first.
  void check_no_later_instance(const std::map<std::filesystem::path, bool>& folders) const;
  [[noreturn]] void refuse_template(const std::filesystem::path& file, std::size_t owner, std::size_t picture) const;
  std::filesystem::path yolo_file(const char* part, std::size_t picture, const std::string& ending) const;

  std::filesystem::path folder_;               ///< empty for a single file
  std::optional<std::filesystem::path> file_;  ///< the single file
  std::optional<NameTemplate> names_;
  bool instances_ = false;
  std::vector<std::string> pictures_;  ///< safe relative paths
  std::vector<std::size_t> numbers_;   ///< of the pictures in the whole run, from 1
  std::vector<std::string> slugs_;     ///< by prompt
  std::vector<OutputKind> kinds_;
  std::shared_ptr<std::optional<Folder>> opened_root_ = std::make_shared<std::optional<Folder>>();
};

}  // namespace ldznet
