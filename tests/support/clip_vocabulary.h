#pragma once

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/ppm.h"
#include "text/unicode.h"

namespace ldznet::test {

/// A folder of its own under the system's temporary one, gone with this object.
struct TemporaryFolder {
  std::filesystem::path path;

  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ldznet-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path); }

  /// Writes a file into it and returns the file's path.
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return path / name;
  }

  /// The content of a file in it.
  std::string read(const std::string& name) const {
    std::ifstream in(path / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
};

/// The text inside a .gz file.
inline std::string gunzip(const std::filesystem::path& file) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::string text;
  std::vector<char> block(1 << 16);
  for (int read = 0; (read = gzread(in.get(), block.data(), static_cast<unsigned>(block.size()))) != 0;) {
    if (read < 0) throw std::runtime_error(file.string() + " is damaged");
    text.append(block.data(), static_cast<std::size_t>(read));
  }
  return text;
}

/// The 256 bytes as CLIP's vocabulary spells and orders them: the printable ones first, then the others.
inline std::vector<std::string> byte_symbols() {
  std::vector<std::string> symbols;
  for (char32_t byte = 0; byte < 256; ++byte)
    if ((byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD)) symbols.push_back(to_utf8({&byte, 1}));
  for (char32_t spare = 256; symbols.size() < 256; ++spare) symbols.push_back(to_utf8({&spare, 1}));
  return symbols;
}

/// Writes vocab.json and merges.txt of the vocabulary that follows from `merges`, the text of a merges.txt: bytes,
/// bytes at a word's end, one piece a merge, start and end token.
inline void write_vocabulary(const TemporaryFolder& folder, const std::string& merges) {
  std::vector<std::string> pieces = byte_symbols();
  for (int k = 0; k < 256; ++k) pieces.push_back(pieces[k] + "</w>");
  std::istringstream lines(merges);
  std::string left, right;
  std::getline(lines, left);  // the #version line
  while (lines >> left >> right) pieces.push_back(left + right);
  pieces.insert(pieces.end(), {"<|startoftext|>", "<|endoftext|>"});
  nlohmann::json ids = nlohmann::json::object();
  for (std::size_t k = 0; k < pieces.size(); ++k) ids[pieces[k]] = k;
  folder.write("vocab.json", ids.dump());
  folder.write("merges.txt", merges);
}

}  // namespace ldznet::test
