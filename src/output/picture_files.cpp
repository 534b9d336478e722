#include "output/picture_files.h"

#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "base/files/atomic_file.h"
#include "draw/draw.h"
#include "draw/legend.h"
#include "ldznet/error.h"
#include "output/png.h"
#include "output/yolo.h"

namespace ldznet {

namespace fs = std::filesystem;

PictureFiles::PictureFiles(std::vector<std::string> prompts, std::vector<std::size_t> yolo_classes, bool replace,
                           const CutoutOptions& cutouts)
    : prompts_(std::move(prompts)),
      yolo_classes_(std::move(yolo_classes)),
      replace_(replace),
      cutouts_(cutouts),
      colors_(palette(prompts_)) {}

void PictureFiles::put(const OutputPlan& plan, NamedFiles& files, OutputKind kind, const fs::path& file,
                       const std::string& bytes) const {
  write_file(plan.open_folder(file), file.filename(), bytes, replace_);
  files.emplace_back(kind, file.string());
}

/// Puts the picture itself into a YOLO data set: a link to its file, or a PNG where the planned name has another
/// suffix.
void PictureFiles::put_image(const OutputPlan& plan, NamedFiles& files, const fs::path& file, const Image& image,
                             const fs::path& original) const {
  if (original.extension() != file.extension())
    return put(plan, files, OutputKind::yolo_image, file, encode_png(image));
  const Folder folder = plan.open_folder(file);
  std::error_code ignored;
  const fs::path place = fs::canonical(file.parent_path(), ignored);
  const fs::path target = fs::canonical(fs::absolute(original, ignored).parent_path(), ignored) / original.filename();
  write_link(folder, file.filename(), target.lexically_relative(place), replace_);
  files.emplace_back(OutputKind::yolo_image, file.string());
}

std::string PictureFiles::encode(OutputKind kind, std::size_t prompt, const Image& image,
                                 const FoundMask& found) const {
  switch (kind) {
    case OutputKind::mask:
      return encode_png(found.mask);
    case OutputKind::overlay:
      return encode_png(draw_overlay(image, std::span(&found.mask, 1), std::span(&colors_[prompt], 1)));
    case OutputKind::cutout:
      return encode_cutout(image, found);
    case OutputKind::probability:
      return encode_png(found.probability);
    default:
      break;
  }
  throw Error(ErrorCode::internal, std::string(name(kind)) + " is of all prompts");
}

std::string PictureFiles::encode_cutout(const Image& image, const FoundMask& found) const {
  RgbaImage cut = cut_out(image, found.mask);
  if (cutouts_.crop) cut = crop(std::move(cut), found.measures.box);
  if (cutouts_.background) cut = on_background(std::move(cut), *cutouts_.background);
  return encode_png(cut);
}

std::string PictureFiles::encode(const Image& image, const LabelMap& labels) const {
  return encode_png(draw_labels(image, labels, prompts_, colors_));
}

NamedFiles PictureFiles::write(const OutputPlan& plan, std::size_t picture, std::size_t prompt, int instance,
                               const Image& image, const FoundMask& found) const {
  NamedFiles files;
  for (const OutputKind kind : plan.kinds())
    if (!is_of_all_prompts(kind))
      put(plan, files, kind, plan.file(picture, prompt, kind, std::to_string(instance)),
          encode(kind, prompt, image, found));
  return files;
}

void PictureFiles::remove_further(const OutputPlan& plan, std::size_t picture, std::size_t prompt,
                                  int instances) const {
  if (!replace_) return;
  for (const OutputKind kind : plan.kinds()) {
    if (is_of_all_prompts(kind)) continue;
    std::error_code error;
    for (int number = instances + 1;; ++number) {
      const fs::path file = plan.file(picture, prompt, kind, std::to_string(number));
      if (!fs::is_regular_file(fs::symlink_status(file, error))) break;
      if (!plan.open_folder(file).remove(file.filename())) break;
    }
  }
}

NamedFiles PictureFiles::write(const OutputPlan& plan, std::size_t picture, const Image& image,
                               const LabelMap& labels) const {
  NamedFiles files;
  for (const OutputKind kind : plan.kinds()) {
    if (kind == OutputKind::panoptic) put(plan, files, kind, plan.file(picture, kind), encode_panoptic_png(labels));
    if (kind == OutputKind::labels) put(plan, files, kind, plan.file(picture, kind), encode(image, labels));
    if (kind == OutputKind::labels_index)
      put(plan, files, kind, plan.file(picture, kind), encode_png(labels, prompts_.size()));
  }
  return files;
}

NamedFiles PictureFiles::write(const OutputPlan& plan, std::size_t picture, const Image& image,
                               const OutlinedPicture& outlined) const {
  NamedFiles files;
  for (const OutputKind kind : plan.kinds()) {
    const fs::path file = is_for_tools(kind) ? plan.file(picture, kind) : fs::path();
    if (kind == OutputKind::yolo) put(plan, files, kind, file, yolo_text(outlined, yolo_classes_));
    if (kind == OutputKind::yolo_image) put_image(plan, files, file, image, outlined.file);
    if (kind == OutputKind::labelme) put(plan, files, kind, file, labelme_json(outlined, prompts_, file));
  }
  return files;
}

}  // namespace ldznet
