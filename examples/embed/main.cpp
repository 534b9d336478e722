// Segments one picture with the ldznet library: embed PICTURE PROMPT MASK.pgm
// The mask is a PGM file, white inside and black outside.
#include <ldznet/error.h>
#include <ldznet/mask.h>
#include <ldznet/pipeline.h>

#include <fstream>
#include <iostream>

namespace {

void write_pgm(const ldznet::Mask& mask, const char* file) {
  std::ofstream out(file, std::ios::binary);
  out << "P5\n" << mask.width << " " << mask.height << "\n255\n";
  for (const auto pixel : mask.pixels) out.put(static_cast<char>(pixel * 255));
}

void segment(const char* picture, const std::string& prompt, const char* file) {
  const ldznet::Pipeline pipeline = ldznet::Pipeline::load(ldznet::default_bundle_directory());
  const ldznet::EncodedImage encoded = pipeline.encode(ldznet::read_image(picture));  // once, for all its prompts
  const std::vector<std::string> prompts = {prompt};
  std::vector<ldznet::Probability> maps = pipeline.segment(encoded, prompts);
  const auto found = ldznet::find_mask(std::move(maps[0]), {.threshold = pipeline.manifest().threshold});
  std::cout << prompt << ": " << found.measures.area << " pixels, score " << found.measures.score << "\n";
  write_pgm(found.mask, file);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: embed PICTURE PROMPT MASK.pgm\n";
    return 64;
  }
  try {
    segment(argv[1], argv[2], argv[3]);
  } catch (const ldznet::Error& error) {
    std::cerr << "embed: " << ldznet::message(error) << "\n";
    return static_cast<int>(error.code());
  }
}
