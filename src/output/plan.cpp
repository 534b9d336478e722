#include "output/plan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/paths.h"
#include "ldznet/error.h"
#include "output/names.h"
#include "output/output_checks.h"
#include "output/yolo.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kAllPrompts = "all";  // {prompt} in the names of files of all prompts

/// "zoo/img" of "zoo/img.png".
std::string without_suffix(const std::string& relative) { return fs::path(relative).replace_extension().string(); }

/// `file`: the common start of both pictures' files. `same_suffix`: the pictures' paths are equal, not only without
/// their suffixes.
[[noreturn]] void refuse_collision(const std::string& owner, const std::string& picture, const fs::path& file,
                                   bool same_suffix) {
  if (!same_suffix)
    throw Error(ErrorCode::usage,
                owner + " and " + picture + " differ only in their suffix, which names of label files do not contain",
                "Rename one of them, or segment them in two runs with different --output folders.");
  throw Error(ErrorCode::usage,
              owner == picture ? "two pictures would write to the same files, " + file.string() + ".*"
                               : owner + " and " + picture + " would write to the same files",
              "Name each picture once, or segment them in two runs with different --output folders.");
}

/// What the first instance may be called if this is a later one: "img.12.png" -> "img.1.png".
std::vector<std::string> first_instances(const std::string& file) {
  std::vector<std::string> found;
  for (std::size_t dot = file.find('.'); dot != std::string::npos; dot = file.find('.', dot + 1)) {
    const std::size_t end = file.find_first_not_of("0123456789", dot + 1);
    const bool is_number = end != std::string::npos && end > dot + 1 && file[end] == '.';
    if (is_number && file.substr(dot + 1, end - dot - 1) != "1")
      found.push_back(file.substr(0, dot + 1) + "1" + file.substr(end));
  }
  return found;
}

}  // namespace

OutputPlan::OutputPlan(fs::path folder, std::vector<std::string> pictures, const std::vector<std::string>& prompts,
                       std::vector<OutputKind> kinds, std::optional<NameTemplate> names, bool instances)
    : folder_(std::move(folder)),
      names_(std::move(names)),
      instances_(instances),
      pictures_(std::move(pictures)),
      numbers_(pictures_.size()),
      slugs_(ldznet::slugs(prompts)),
      kinds_(std::move(kinds)) {
  if (const auto labels = std::find(kinds_.begin(), kinds_.end(), OutputKind::labels); labels != kinds_.end())
    kinds_.insert(std::next(labels), OutputKind::labels_index);
  if (const auto yolo = std::find(kinds_.begin(), kinds_.end(), OutputKind::yolo); yolo != kinds_.end())
    kinds_.insert(std::next(yolo), OutputKind::yolo_image);
  const bool bare = std::any_of(kinds_.begin(), kinds_.end(), is_for_tools);
  const auto key = [this](const std::string& safe) {
    const std::string stem = without_suffix(safe);
    return has(OutputKind::yolo) ? yolo_path(stem).string() : stem;
  };
  std::unordered_map<std::string, std::string> owners;
  for (std::string& picture : pictures_) {
    std::string safe = safe_path(picture);
    const auto [owner, is_new] = owners.try_emplace(bare ? key(safe) : safe, picture);
    if (!is_new) refuse_collision(owner->second, picture, folder_ / safe, safe_path(owner->second) == safe);
    picture = std::move(safe);
  }
  std::iota(numbers_.begin(), numbers_.end(), std::size_t{1});
  if (names_) check_templates_names();
}

OutputPlan::OutputPlan(fs::path file, OutputKind kind) : file_(std::move(file)), kinds_({kind}) {}

void OutputPlan::refuse_template(const fs::path& file, std::size_t owner, std::size_t picture) const {
  const std::string who = owner == picture ? "two files of " + pictures_[picture]
                                           : "files of " + pictures_[owner] + " and " + pictures_[picture];
  throw Error(ErrorCode::usage, "--name \"" + names_->text() + "\": " + who + " would be called " + file.string(),
              "Add a part that tells them apart: {dir}, {stem}, {prompt}, {kind} or {index}.");
}

/// Throws Error(usage) when the template gives two files the same name, or one the name of another's folder.
void OutputPlan::check_templates_names() const {
  if (instances_ && !names_->ends_with_ext())
    throw Error(ErrorCode::usage, "--name \"" + names_->text() + "\" does not end with {ext}",
                "With --instances, the number of an instance goes between the name and its suffix.");
  std::unordered_map<std::string, std::size_t> owners;  // file -> picture
  std::unordered_set<std::string> numbered;             // those with an instance's number
  for (std::size_t picture = 0; picture < pictures_.size(); ++picture)
    for (const fs::path& file : files(picture))
      if (const auto [owner, is_new] = owners.try_emplace(file.string(), picture); !is_new)
        refuse_template(file, owner->second, picture);
  for (std::size_t picture = 0; instances_ && picture < pictures_.size(); ++picture)
    for (const OutputKind kind : kinds_)
      for (std::size_t prompt = 0; !is_of_all_prompts(kind) && prompt < slugs_.size(); ++prompt)
        numbered.insert(file(picture, prompt, kind).string());
  for (const auto& [file, picture] : owners) {
    // A file of all prompts may be called as a later instance.
    for (const std::string& first : first_instances(file))
      if (numbered.contains(first)) refuse_template(file, owners.at(first), picture);
    for (fs::path folder = fs::path(file).parent_path(); folder.has_relative_path(); folder = folder.parent_path())
      if (const auto owner = owners.find(folder.string()); owner != owners.end())
        refuse_template(folder, owner->second, picture);
  }
}

OutputPlan OutputPlan::part(const std::vector<std::size_t>& pictures) const {
  OutputPlan part = *this;
  part.pictures_.clear();
  part.numbers_.clear();
  for (const std::size_t picture : pictures) {
    if (file_) continue;
    part.pictures_.push_back(pictures_[picture]);
    part.numbers_.push_back(numbers_[picture]);
  }
  return part;
}

fs::path OutputPlan::named(const fs::path& relative, const std::string& ending) const {
  return folder_ / relative.parent_path() / fitted_name(relative.filename().string(), ending);
}

fs::path OutputPlan::by_template(std::size_t picture, const std::string& prompt, OutputKind kind,
                                 const std::string& suffix) const {
  const fs::path path = pictures_[picture];
  std::string kind_name = name(kind);
  std::replace(kind_name.begin(), kind_name.end(), '_', '-');
  return folder_ / names_->expand({.dir = path.parent_path().string(),
                                   .stem = path.stem().string(),
                                   .ext = suffix,
                                   .prompt = prompt,
                                   .kind = kind_name,
                                   .index = std::to_string(numbers_[picture])});
}

fs::path OutputPlan::yolo_file(const char* part, std::size_t picture, const std::string& ending) const {
  return named(part / yolo_path(without_suffix(pictures_[picture])), ending);
}

fs::path OutputPlan::file(std::size_t picture, std::size_t prompt, OutputKind kind, const std::string& instance) const {
  if (file_) return *file_;
  const std::string number = instances_ ? "." + instance : "";
  if (names_) return by_template(picture, slugs_[prompt], kind, number + ".png");
  return named(pictures_[picture], "." + slugs_[prompt] + number + "." + name(kind) + ".png");
}

fs::path OutputPlan::file(std::size_t picture, OutputKind kind) const {
  if (file_) return *file_;
  if (names_ && !is_for_tools(kind)) return by_template(picture, kAllPrompts, kind, ".png");
  const std::string bare = is_for_tools(kind) ? without_suffix(pictures_[picture]) : "";
  switch (kind) {
    case OutputKind::labels_index:
      return named(pictures_[picture], ".labels-index.png");
    case OutputKind::panoptic:
      return named(pictures_[picture], ".png");
    case OutputKind::yolo:
      return yolo_file("labels", picture, ".txt");
    case OutputKind::yolo_image: {
      const std::string suffix = lower_suffix(pictures_[picture]);
      return yolo_file("images", picture,
                       yolo_reads(suffix) ? fs::path(pictures_[picture]).extension().string() : ".png");
    }
    case OutputKind::labelme:
      return named(bare, ".json");
    default:
      return named(pictures_[picture], ".labels.png");
  }
}

bool OutputPlan::has(OutputKind kind) const { return std::find(kinds_.begin(), kinds_.end(), kind) != kinds_.end(); }

std::vector<fs::path> OutputPlan::folders(std::size_t picture) const {
  if (file_) return {file_->parent_path()};
  std::set<fs::path> all;
  for (const fs::path& path : files(picture)) all.insert(path.parent_path());
  return {all.begin(), all.end()};
}

std::vector<fs::path> OutputPlan::files(std::size_t picture) const {
  if (file_) return {*file_};
  std::vector<fs::path> all;
  for (const OutputKind kind : kinds_) {
    if (is_of_all_prompts(kind)) {
      all.push_back(file(picture, kind));
    } else {
      for (std::size_t prompt = 0; prompt < slugs_.size(); ++prompt) all.push_back(file(picture, prompt, kind));
    }
  }
  return all;
}

void OutputPlan::check_not_existing(bool overwrite) const {
  if (file_) return ldznet::check_not_existing(*file_, overwrite);
  std::map<fs::path, bool> folders;  // and whether each exists
  for (std::size_t picture = 0; picture < pictures_.size(); ++picture) {
    for (const fs::path& path : files(picture)) {
      const auto [folder, is_new] = folders.try_emplace(path.parent_path());
      if (is_new) {
        std::error_code error;
        check_below(path, folder_);
        folder->second = fs::exists(folder->first, error);
      }
      if (folder->second) ldznet::check_not_existing(path, overwrite);
    }
  }
  if (instances_ && !overwrite) check_no_later_instance(folders);
}

void OutputPlan::check_no_later_instance(const std::map<fs::path, bool>& folders) const {
  std::unordered_set<std::string> planned;
  for (std::size_t picture = 0; picture < pictures_.size(); ++picture)
    for (const fs::path& path : files(picture)) planned.insert(path.string());
  for (const auto& [folder, exists] : folders) {
    std::error_code error;
    if (!exists) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
      for (const std::string& first : first_instances(entry.path().filename().string()))
        if (planned.contains((folder / first).string())) ldznet::check_not_existing(entry.path(), false);
  }
}

const Folder& OutputPlan::open_root() const {
  if (!*opened_root_) opened_root_->emplace(root());
  return **opened_root_;
}

Folder OutputPlan::open_folder(const fs::path& file) const {
  return open_root().below(file.parent_path().lexically_relative(root()));
}

}  // namespace ldznet
