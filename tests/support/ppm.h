#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "ldznet/image.h"
#include "support/tests_folder.h"

namespace ldznet::test {

/// The folder tests/data of the source tree.
inline std::filesystem::path data_folder() { return tests_folder() / "data"; }

/// Reads a binary PPM written by make_pictures.py.
inline Image read_ppm(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int depth = 0;
  Image image;
  file >> magic >> image.width >> image.height >> depth;
  file.get();
  image.rgb.resize(static_cast<std::size_t>(image.width) * image.height * 3);
  file.read(reinterpret_cast<char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size()));
  if (!file || magic != "P6") throw std::runtime_error("cannot read " + path.string());
  return image;
}

}  // namespace ldznet::test
