#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "data/phrasecut.h"
#include "fuzz/checks.h"
#include "fuzz/targets.h"
#include "ldznet/error.h"
#include "ldznet/polygons.h"
#include "ldznet/rle.h"
#include "mask/brush_rle.h"
#include "output/journal.h"
#include "output/json_lines.h"
#include "output/yolo.h"
#include "support/temporary_folder.h"

namespace ldznet::fuzz {

namespace {

/// Twice the area of a polygon whose corners are whole numbers.
double twice_area(const Polygon& polygon) {
  double sum = 0;
  for (std::size_t i = 0; i < polygon.size(); i += 2) {
    const std::size_t next = (i + 2) % polygon.size();
    sum += polygon[i] * polygon[next + 1] - polygon[next] * polygon[i + 1];
  }
  return sum;
}

bool is_within(const Polygon& polygon, int width, int height) {
  for (std::size_t i = 0; i < polygon.size(); i += 2)
    if (!(polygon[i] >= 0 && polygon[i] <= width && polygon[i + 1] >= 0 && polygon[i + 1] <= height)) return false;
  return polygon.size() >= 6 && polygon.size() % 2 == 0;
}

/// The forms in which masks are written must be those of this mask.
void check_forms(const Mask& mask) {
  require(mask.pixels.size() == static_cast<std::size_t>(mask.width) * mask.height);
  require(decode_rle(encode_rle(mask), mask.width, mask.height).pixels == mask.pixels);
  require(!encode_brush_rle(mask).empty());
  const auto area = std::count(mask.pixels.begin(), mask.pixels.end(), 1);
  double with_holes = 0;
  for (const Polygon& polygon : outlines_with_holes(mask)) {
    require(is_within(polygon, mask.width, mask.height));
    with_holes += twice_area(polygon) / 2;
  }
  require(with_holes == static_cast<double>(area));
  double filled = 0;
  for (const Polygon& polygon : outlines(mask)) {
    filled += twice_area(polygon) / 2;
    require(is_within(simplify(polygon, 0.5), mask.width, mask.height));
  }
  require(filled >= with_holes);
}

/// The number that two bytes are, from -32,768 on.
double number_at(Bytes bytes, std::size_t at) {
  const int number = std::to_integer<int>(bytes[at]) << 8 | std::to_integer<int>(bytes[at + 1]);
  return number < (1 << 15) ? number : number - (1 << 16);
}

/// Corners of 16-bit numbers, in halves of a pixel. An outline ends where its length is a multiple of `corners`.
std::vector<Outline> outlines_of(Bytes bytes, std::size_t corners) {
  constexpr std::size_t kMostNumbers = 512;  // more take long to fill
  std::vector<Outline> outlines(1);
  for (std::size_t at = 0; at + 1 < std::min(bytes.size(), 2 * kMostNumbers); at += 2) {
    if (outlines.back().size() == 2 * corners) outlines.emplace_back();
    outlines.back().push_back(number_at(bytes, at) / 2);
  }
  return outlines;
}

}  // namespace

void mask(Bytes bytes) {
  if (bytes.size() < 3) return;
  const int width = 1 + std::to_integer<int>(bytes[0]) % 64, height = 1 + std::to_integer<int>(bytes[1]) % 64;
  const int corners = std::to_integer<int>(bytes[2]);  // none: run lengths follow
  const Bytes rest = bytes.subspan(3);
  try {
    check_forms(corners == 0 ? decode_rle(text_of(rest), width, height)
                             : fill_outlines(outlines_of(rest, static_cast<std::size_t>(corners)), width, height));
  } catch (const Error& error) {
    require(error.code() == ErrorCode::bad_image);
  }
}

void phrasecut(Bytes bytes) {
  constexpr int kWidth = 64, kHeight = 48;
  constexpr std::size_t kMostNumbers = 512;
  try {
    std::istringstream content(text_of(bytes));
    std::size_t left_out = 0, numbers = 0;
    for (const Sample& sample : parse_phrasecut(content, "folder", "refer_test.json", left_out)) {
      const auto& outlines = std::get<std::vector<Outline>>(sample.truth);
      for (const Outline& outline : outlines) numbers += outline.size();
      if (numbers < kMostNumbers) check_forms(fill_outlines(outlines, kWidth, kHeight));
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::bad_image);
  }
}

void json_line(Bytes bytes) {
  PictureResult picture;
  try {
    picture = read_json_line(text_of(bytes));
  } catch (const std::exception&) {
    return;
  }
  const std::string line = ldznet::json_line({}, picture);
  require(ldznet::json_line({}, read_json_line(line)) == line);
}

void journal(Bytes bytes) {
  static const test::TemporaryFolder folder;
  const std::string text = text_of(bytes), key(64, 'a');
  const std::filesystem::path file = folder.write(".ldznet-journal", text);
  std::istringstream lines(text);
  const Journal before(file);
  for (std::string line; std::getline(lines, line);) {
    const std::string start = R"({"key":")", tail = R"(,"check":")";
    if (line.size() < start.size() + key.size() || !before.finished(line.substr(start.size(), key.size()))) continue;
    // The last line with the key counts, so look for any that has its checksum.
    std::istringstream again(text);
    bool intact = false;
    for (std::string other; std::getline(again, other);) {
      const std::size_t end = other.rfind(tail);
      if (end == std::string::npos) continue;
      const std::string object = other.substr(0, end);
      intact |= other == object + tail + sha256_hex(std::as_bytes(std::span(object))) + "\"}";
    }
    require(intact);
  }
}

void data_yaml(Bytes bytes) {
  static const test::TemporaryFolder folder;
  const std::string text = text_of(bytes), name = yolo_names_file("").string();
  folder.write(name, text);
  const std::vector<std::string> prompts = {"panda", "a \"b\"\n"};
  try {
    const std::vector<std::size_t> classes = add_yolo_classes(folder.path(), prompts);
    const std::string added = folder.read(name);
    require(classes.size() == 2 && classes[0] != classes[1]);
    require(add_yolo_classes(folder.path(), prompts) == classes && folder.read(name) == added);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::cannot_write && folder.read(name) == text);
  }
}

}  // namespace ldznet::fuzz
