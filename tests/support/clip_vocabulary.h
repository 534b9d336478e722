#pragma once

#include <zlib.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/ppm.h"
#include "support/temporary_folder.h"
#include "text/unicode.h"

namespace ldznet::test {

/// Decompresses a .gz file.
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

/// The symbols of the 256 bytes in CLIP's order: the printable ones first, then the others.
inline std::vector<std::string> byte_symbols() {
  std::vector<std::string> symbols;
  for (char32_t byte = 0; byte < 256; ++byte)
    if ((byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD)) symbols.push_back(to_utf8({&byte, 1}));
  for (char32_t spare = 256; symbols.size() < 256; ++spare) symbols.push_back(to_utf8({&spare, 1}));
  return symbols;
}

/// Writes `merges` as merges.txt and the matching vocab.json: bytes, bytes at the end of a word, one piece per merge,
/// start and end token.
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
