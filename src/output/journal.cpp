#include "output/journal.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/files/file_io.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/text.h"
#include "ldznet/error.h"

namespace ldznet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolderName = ".ldznet-journal";
constexpr const char* kBegin = R"({"key":")";  // the start of every line; the key follows
constexpr std::size_t kKeyLength = 64, kHashLength = 64;
constexpr std::string_view kCheck = R"(,"check":")", kEnd = R"("})";  // around the checksum at the end of every line

std::string hash_of_text(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

/// The line of an object, with its checksum as the last member.
std::string with_checksum(std::string object) {
  object.pop_back();
  const std::string checksum = hash_of_text(object);
  return object.append(kCheck).append(checksum).append(kEnd);
}

/// Whether a line is as it was written.
bool is_intact(std::string_view line) {
  const std::size_t tail = kCheck.size() + kHashLength + kEnd.size();
  if (line.size() < tail || !line.starts_with(kBegin)) return false;
  const std::string_view object = line.substr(0, line.size() - tail);
  return with_checksum(std::string(object) + "}") == line;
}

/// The file's sha256; empty when it does not exist or cannot be read.
std::string hash_of(const std::string& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return "";
  std::ifstream stream(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  return stream.is_open() && !stream.bad() ? sha256_hex(std::as_bytes(std::span(content))) : "";
}

/// All files that were written for the picture.
std::vector<std::string> written_files(const PictureResult& picture) {
  std::vector<std::string> all;
  const auto add = [&](const NamedFiles& files) {
    for (const auto& [kind, file] : files) all.push_back(file);
  };
  for (const PromptResult& result : picture.results) add(result.files);
  add(picture.files);
  return all;
}

/// Locks a journal. Throws Error(cannot_write) when another run has it.
std::unique_ptr<FileLock> lock(const fs::path& file, FileLock::Kind kind) {
  auto taken = std::make_unique<FileLock>(file, kind);
  if (taken->held()) return taken;
  std::string name = file.filename().string();
  const bool is_folder = name.starts_with(kFolderName);
  if (!is_folder) name = name.substr(1, name.size() - 1 - std::strlen(kFolderName));  // of the single file
  const fs::path place = is_folder ? file.parent_path() : file.parent_path() / name;
  throw Error(ErrorCode::cannot_write, "another run is writing to " + place.string(),
              "Wait until it ends, choose another output, or divide the pictures with --shard.");
}

/// Where the last complete line of a file of `size` bytes ends.
off_t end_of_lines(int descriptor, off_t size) {
  char last = 0;
  while (size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n') --size;
  return size;
}

/// Appends a line to a file and waits until it is on the disk. If the last line is incomplete, it is removed first.
/// Returns 0 or the error number.
int append(int descriptor, const std::string& line) {
  const off_t size = ::lseek(descriptor, 0, SEEK_END), end = end_of_lines(descriptor, size);
  if (end != size && ::ftruncate(descriptor, end) != 0) return errno;
  if (const int error = write_all(descriptor, line)) return error;
  return ::fdatasync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

Journal::Journal(fs::path file) : file_(std::move(file)) {
  const std::string name = file_.filename().string();
  std::error_code error;
  // Shards in one folder read each other's journals, so that a run can be resumed with another division.
  const std::string common = name.starts_with(kFolderName) ? kFolderName : name;
  const fs::path folder = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
  if (name != common) whole_ = lock(folder / common, FileLock::Kind::shared);
  own_ = lock(file_, FileLock::Kind::exclusive);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with(common) && fs::is_regular_file(entry.symlink_status(error)))
      files_.push_back(entry.path());
  std::sort(files_.begin(), files_.end());
  for (std::size_t i = 0; i < files_.size(); ++i) read(i);
}

void Journal::read(std::size_t file) {
  std::ifstream stream(files_[file], std::ios::binary);
  std::uint64_t offset = 0;
  std::size_t damaged = 0;
  for (std::string line; std::getline(stream, line); offset += line.size() + 1) {
    if (stream.eof()) break;  // no line feed: the line is incomplete
    if (is_intact(line))
      places_[line.substr(std::strlen(kBegin), kKeyLength)] = {file, offset, line.size()};
    else
      ++damaged;
  }
  if (damaged > 0)
    log::warn(files_[file].string() + ": ignored " + counted(damaged, "damaged line") +
              "; --resume does the pictures of damaged lines again");
}

std::optional<PictureResult> Journal::finished(const std::string& key) const {
  const auto found = places_.find(key);
  if (found == places_.end()) return std::nullopt;
  const Place& place = found->second;
  std::ifstream stream(files_[place.file], std::ios::binary);
  std::string text(place.length, '\0');
  stream.seekg(static_cast<std::streamoff>(place.offset));
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!is_intact(text)) return std::nullopt;
  try {
    const nlohmann::json entry = nlohmann::json::parse(text);
    for (const auto& [file, hash] : entry.at("files").items())
      if (hash_of(file) != hash.get<std::string>()) return std::nullopt;
    return read_json_line(entry.at("line").get<std::string>());
  } catch (const std::exception&) {
    return std::nullopt;  // of another version: the picture is not finished
  }
}

void Journal::add(const std::string& key, const RunMetadata& run, const PictureResult& picture) {
  nlohmann::ordered_json entry;
  entry["key"] = key;
  entry["line"] = json_line(run, picture);
  entry["files"] = nlohmann::ordered_json::object();
  for (const std::string& file : written_files(picture)) entry["files"][file] = hash_of(file);
  if (const int error = append(own_->descriptor(), with_checksum(json_text(entry)) + "\n"))
    throw write_error(file_, error);
}

fs::path journal_in(const fs::path& folder, const std::string& part) {
  return folder / (part.empty() ? kFolderName : kFolderName + ("." + part));
}

fs::path journal_beside(const fs::path& file) {
  return file.parent_path() / ("." + file.filename().string() + kFolderName);
}

}  // namespace ldznet
