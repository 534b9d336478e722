#include "cli/segment/file_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <span>
#include <string_view>
#include <system_error>

#include "base/paths.h"
#include "image/format/content.h"
#include "output/png.h"

namespace ldznet::cli {

namespace fs = std::filesystem;

namespace {

using namespace std::string_view_literals;

/// Of cameras. Several of these formats are TIFF files with a small preview as their first picture.
bool has_raw_suffix(const fs::path& file) {
  constexpr std::array kSuffixes = {".3fr"sv, ".arw"sv, ".cr2"sv, ".cr3"sv, ".crw"sv, ".dng"sv, ".erf"sv, ".iiq"sv,
                                    ".kdc"sv, ".mef"sv, ".mos"sv, ".mrw"sv, ".nef"sv, ".nrw"sv, ".orf"sv, ".pef"sv,
                                    ".raf"sv, ".rw2"sv, ".rwl"sv, ".sr2"sv, ".srf"sv, ".srw"sv, ".x3f"sv};
  return std::find(kSuffixes.begin(), kSuffixes.end(), lower_suffix(file)) != kSuffixes.end();
}

/// Bytes at an offset that tell a kind of file.
struct Signature {
  std::size_t at;
  std::string_view bytes;
  const char* kind;
};

constexpr const char *kRaw = "raw photograph", *kVideo = "video", *kArchive = "archive", *kText = "text";
// CR2, CR3, RAF, ORF, ORF, RW2; MP4, MP4, MOV, MKV and WebM, AVI; PDF; ZIP, gzip; UTF-16, UTF-16
constexpr std::array kSignatures = {
    Signature{8, "CR\x02"sv, kRaw},         Signature{4, "ftypcrx "sv, kRaw},
    Signature{0, "FUJIFILMCCD"sv, kRaw},    Signature{0, "IIRO"sv, kRaw},
    Signature{0, "IIRS"sv, kRaw},           Signature{0, "IIU\0"sv, kRaw},
    Signature{4, "ftypisom"sv, kVideo},     Signature{4, "ftypmp4"sv, kVideo},
    Signature{4, "ftypqt  "sv, kVideo},     Signature{0, "\x1A\x45\xDF\xA3"sv, kVideo},
    Signature{8, "AVI LIST"sv, kVideo},     Signature{0, "%PDF-"sv, "PDF"},
    Signature{0, "PK\x03\x04"sv, kArchive}, Signature{0, "\x1F\x8B"sv, kArchive},
    Signature{0, "\xFF\xFE"sv, kText},      Signature{0, "\xFE\xFF"sv, kText},
};

bool is_text(std::string_view start) {
  return std::none_of(start.begin(), start.end(), [](unsigned char c) {
    return (c < ' ' && "\t\n\v\f\r\x1b"sv.find(static_cast<char>(c)) == std::string_view::npos) || c == 0x7F;
  });
}

/// The kind of a file that is no supported picture.
std::string kind_of(const fs::path& file, std::string_view start) {
  for (const Signature& known : kSignatures)
    if (start.size() > known.at && start.substr(known.at).starts_with(known.bytes)) return known.kind;
  if (has_raw_suffix(file)) return kRaw;
  if (start.empty()) return "empty file";
  return is_text(start) ? kText : "other file";
}

}  // namespace

std::optional<std::string> reason_to_skip(const fs::path& file) {
  const bool may_be_picture = has_picture_suffix(file);
  const auto unless_suffix = [&](const char* reason) {
    return may_be_picture ? std::nullopt : std::optional<std::string>(reason);
  };
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found || error) return unless_suffix("broken link");
  if (!fs::is_regular_file(status)) return "special file";
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return unless_suffix("unreadable file");
  std::array<char, 512> buffer{};
  stream.read(buffer.data(), buffer.size());
  const std::string_view start(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  if (has_own_mark(start)) return kOwnOutput;
  const std::optional<PictureType> type = sniff(std::as_bytes(std::span(start)));
  if (type == PictureType::tiff && kind_of(file, start) == kRaw) return kRaw;
  if (type || may_be_picture) return std::nullopt;
  return kind_of(file, start);
}

}  // namespace ldznet::cli
