#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "draw/palette.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "mask/label_map.h"
#include "output/label_tools.h"
#include "output/picture_result.h"
#include "output/plan.h"

namespace ldznet {

/// How cut-outs are made.
struct CutoutOptions {
  bool crop = false;                ///< to the mask's box
  std::optional<Color> background;  ///< in place of what is cut away; unset: transparent
};

/// Makes and writes the files of pictures.
class PictureFiles {
 public:
  /// `prompts`: of the run. `yolo_classes`: theirs in the YOLO data set, needed for its labels only.
  /// `replace`: existing files may be replaced.
  PictureFiles(std::vector<std::string> prompts, std::vector<std::size_t> yolo_classes, bool replace,
               const CutoutOptions& cutouts = {});

  /// The PNG of a kind that is not of all prompts; `prompt` counts from 0.
  std::string encode(OutputKind kind, std::size_t prompt, const Image& image, const FoundMask& found) const;

  /// The PNG of OutputKind::labels: the label map in colours, with a legend.
  std::string encode(const Image& image, const LabelMap& labels) const;

  /// Each writes one group of a picture's planned files: those of one prompt's mask or of one instance of it, the label
  /// maps, the files for label tools. Each file appears whole or not at all. `instance` is ignored unless the plan has
  /// files for each.
  /// Throws Error(cannot_write) naming the file; files written before it stay.
  NamedFiles write(const OutputPlan& plan, std::size_t picture, std::size_t prompt, int instance, const Image& image,
                   const FoundMask& found) const;
  NamedFiles write(const OutputPlan& plan, std::size_t picture, const Image& image, const LabelMap& labels) const;
  NamedFiles write(const OutputPlan& plan, std::size_t picture, const Image& image,
                   const OutlinedPicture& outlined) const;

  /// Removes the files of the instances after number `instances`, which an earlier run left and this one replaces.
  void remove_further(const OutputPlan& plan, std::size_t picture, std::size_t prompt, int instances) const;

 private:
  void put(const OutputPlan& plan, NamedFiles& files, OutputKind kind, const std::filesystem::path& file,
           const std::string& bytes) const;
  std::string encode_cutout(const Image& image, const FoundMask& found) const;
  void put_image(const OutputPlan& plan, NamedFiles& files, const std::filesystem::path& file, const Image& image,
                 const std::filesystem::path& original) const;

  std::vector<std::string> prompts_;
  std::vector<std::size_t> yolo_classes_;  ///< by prompt
  bool replace_;
  CutoutOptions cutouts_;
  std::vector<Color> colors_;  ///< by prompt
};

}  // namespace ldznet
