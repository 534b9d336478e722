#include "cli/segment/folder_scan.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "cli/segment/file_kind.h"
#include "output/table.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

/// Device and inode: the same for a folder and everything that links to it.
using Identity = std::pair<dev_t, ino_t>;

Identity identity(const fs::path& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? Identity(status.st_dev, status.st_ino) : Identity();
}

class Scan {
 public:
  Scan(bool recursive, const fs::path& excluded) : recursive_(recursive) {
    if (!excluded.empty()) seen_.insert(identity(excluded));
  }

  FolderFiles run(const fs::path& folder) {
    seen_.insert(identity(folder));
    read(folder);
    while (!links_.empty()) {
      std::vector<fs::path> links = std::exchange(links_, {});
      std::sort(links.begin(), links.end());  // so that the same one of several links always wins
      for (const fs::path& link : links) enter(link);
    }
    std::sort(files_.pictures.begin(), files_.pictures.end());
    std::sort(files_.skipped.begin(), files_.skipped.end(),
              [](const SkippedFile& a, const SkippedFile& b) { return a.path < b.path; });
    return std::move(files_);
  }

 private:
  void enter(const fs::path& folder) {
    if (seen_.insert(identity(folder)).second) read(folder);
  }

  void read(const fs::path& folder) {
    std::vector<fs::path> below;
    std::error_code error;
    for (fs::directory_iterator entries(folder, error), end; !error && entries != end; entries.increment(error)) {
      const fs::directory_entry& entry = *entries;
      if (entry.path().filename().string().starts_with('.')) continue;
      std::error_code ignored;
      if (!entry.is_directory(ignored)) {
        add_file(entry.path());
      } else if (recursive_) {
        (entry.is_symlink(ignored) ? links_ : below).push_back(entry.path());
      } else if (!seen_.contains(identity(entry.path()))) {
        ++files_.folders;
      }
    }
    if (error) files_.pictures.push_back(folder);
    for (const fs::path& inner : below) enter(inner);
  }

  void add_file(const fs::path& file) {
    if (auto reason = reason_to_skip(file))
      files_.skipped.push_back({file, std::move(*reason)});
    else
      files_.pictures.push_back(file);
  }

  bool recursive_;
  std::set<Identity> seen_;
  std::vector<fs::path> links_;  ///< to folders, to be read after all others
  FolderFiles files_;
};

}  // namespace

FolderFiles scan_folder(const fs::path& folder, bool recursive, const fs::path& excluded) {
  return Scan(recursive, excluded).run(folder);
}

std::string skipped_text(const std::vector<SkippedFile>& skipped) {
  std::map<std::string, std::size_t> counts;
  for (const SkippedFile& file : skipped) ++counts[file.reason];
  std::vector<std::pair<std::string, std::size_t>> reasons(counts.begin(), counts.end());
  std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  parts.reserve(reasons.size());
  for (const auto& [reason, count] : reasons) parts.push_back(std::to_string(count) + " x " + reason);
  return counted(skipped.size(), "file") + " skipped: " + joined(parts);
}

}  // namespace ldznet::cli
