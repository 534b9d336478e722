#include "cli/segment/inputs.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/segment/file_kind.h"
#include "cli/segment/folder_scan.h"
#include "ldznet/error.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// Finds the names that output files get from their pictures' paths, see find_inputs.
class Namer {
 public:
  /// Registers a path; `anchor` is the folder that it would be relative to if it were the only one.
  void add(const fs::path& path, const fs::path& anchor) {
    if (inside(path)) return;
    if (!common_) common_ = anchor;
    fs::path shared;
    for (auto a = common_->begin(), b = anchor.begin(); a != common_->end() && b != anchor.end() && *a == *b; ++a, ++b)
      shared /= *a;
    common_ = shared;
  }

  std::string name(const fs::path& path) const {
    return inside(path) ? inside(path)->string() : full_path(path).lexically_relative(*common_).string();
  }

 private:
  std::optional<fs::path> inside(const fs::path& path) const {
    if (here_.empty()) return std::nullopt;
    fs::path relative = full_path(path).lexically_relative(here_);
    if (relative.empty() || relative == "." || *relative.begin() == "..") return std::nullopt;
    return relative;
  }

  static fs::path working_folder() {
    std::error_code removed;
    return fs::current_path(removed);
  }

  fs::path here_ = working_folder();  ///< empty when it was removed; absolute paths go on
  std::optional<fs::path> common_;
};

void report_skipped(const std::vector<SkippedFile>& skipped) {
  if (skipped.empty()) return;
  log::info(skipped_text(skipped));
  for (const SkippedFile& file : skipped) log::debug("skipped " + file.path.string() + ": " + file.reason);
}

std::string hint_for_no_input(bool searched_everywhere, const std::vector<SkippedFile>& skipped) {
  if (std::any_of(skipped.begin(), skipped.end(), [](const auto& file) { return file.reason == kOwnOutput; }))
    return "Pictures that ldznet wrote are read only when they are named one by one.";
  return searched_everywhere ? "Name files or other folders." : "Use --recursive to read the folders below it.";
}

}  // namespace

std::vector<Input> find_inputs(const InputQuery& query) {
  std::vector<Input> inputs;
  std::unordered_set<std::string> seen;
  std::size_t repeated = 0;
  const auto add = [&](Input input) {
    const bool is_new = seen.insert(input.path.empty() ? input.name : full_path(input.path).string()).second;
    if (is_new) inputs.push_back(std::move(input));
    repeated += is_new ? 0 : 1;
  };
  Namer namer;
  std::vector<SkippedFile> skipped;
  std::string empty_folder;
  std::size_t folders = 0;  // that are not read
  for (const std::string& given : query.paths) {
    std::error_code error;
    const fs::file_status status = fs::status(given, error);
    if (given == "-") {
      add({given, {}, "stdin"});
    } else if (fs::is_directory(status)) {
      FolderFiles found = scan_folder(given, query.recursive, query.excluded);
      if (found.pictures.empty()) empty_folder = given;
      folders += found.folders;
      std::move(found.skipped.begin(), found.skipped.end(), std::back_inserter(skipped));
      for (const fs::path& picture : found.pictures) {
        namer.add(picture, full_path(given).parent_path());
        add({picture.lexically_normal().string(), picture, ""});
      }
    } else {
      namer.add(given, full_path(given).parent_path());
      add({given, given, "", status.type() == fs::file_type::not_found});
    }
  }
  report_skipped(skipped);
  if (folders > 0 && !inputs.empty()) log::info(counted(folders, "folder") + " not read: --recursive reads them");
  if (repeated > 0) log::info(counted(repeated, "repeated picture") + " left out: each is segmented once");
  if (inputs.empty())
    throw Error(ErrorCode::missing_input,
                empty_folder.empty() ? "there is no picture to segment" : "there is no picture in " + empty_folder,
                hint_for_no_input(folders == 0, skipped));
  if (!empty_folder.empty()) log::warn("there is no picture in " + empty_folder);
  for (Input& input : inputs)
    if (!input.path.empty()) input.relative = namer.name(input.path);
  return inputs;
}

Error no_such_file(const Input& input) {
  return {ErrorCode::missing_input, input.name + ": no such file", "Check the path."};
}

void check_existence(const std::vector<Input>& inputs) {
  const auto is_missing = [](const Input& input) { return input.missing; };
  const auto first = std::find_if(inputs.begin(), inputs.end(), is_missing);
  if (first == inputs.end()) return;
  if (inputs.size() == 1) throw no_such_file(*first);
  const auto missing = static_cast<std::size_t>(std::count_if(inputs.begin(), inputs.end(), is_missing));
  const std::string text = std::to_string(missing) + " of " + counted(inputs.size(), "picture") +
                           " cannot be found; the first is " + first->name;
  if (missing == inputs.size()) throw Error(ErrorCode::missing_input, text, "Check the paths.");
  log::warn(text);
}

}  // namespace ldznet::cli
