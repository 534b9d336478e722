#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "output/json_lines.h"

namespace ldznet {

/// A run's masks in COCO's two formats. Prompts are categories; ids count from 1. A mask without a pixel is no
/// annotation; a picture that failed is left out.
class CocoWriter {
 public:
  explicit CocoWriter(std::vector<std::string> prompts) : prompts_(std::move(prompts)) {}

  /// Adds one picture's results, with their run lengths.
  void add(const PictureFacts& picture);

  /// A data set: images, categories and annotations, as pycocotools' COCO loads it. Annotations have a "score", too.
  std::string data_set() const;

  /// A list of results, as COCO.loadRes takes it for that data set.
  std::string results() const;

 private:
  struct Image {
    std::string name;
    int width, height;
  };
  struct Annotation {
    std::size_t image, category;  ///< ids
    std::string counts;
    std::int64_t area;
    std::array<int, 4> bbox;
    double score;
  };

  std::vector<std::string> prompts_;
  std::vector<Image> images_;
  std::vector<Annotation> annotations_;
};

}  // namespace ldznet
