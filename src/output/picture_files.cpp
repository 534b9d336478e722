#include "output/picture_files.h"

#include <filesystem>
#include <span>
#include <utility>

#include "base/atomic_file.h"
#include "draw/draw.h"
#include "draw/legend.h"
#include "ldznet/error.h"
#include "output/png.h"

namespace ldznet {

namespace {

void put(const OutputPlan& plan, NamedFiles& files, OutputKind kind, const std::filesystem::path& file,
         const std::string& bytes) {
  plan.check_inside_folder(file);
  write_file(file, bytes);
  files.emplace_back(kind, file.string());
}

}  // namespace

PictureFiles::PictureFiles(std::vector<std::string> prompts)
    : prompts_(std::move(prompts)), colors_(palette(prompts_)) {}

std::string PictureFiles::encode(OutputKind kind, std::size_t prompt, const Image& image,
                                 const FoundMask& found) const {
  switch (kind) {
    case OutputKind::mask:
      return encode_png(found.mask);
    case OutputKind::overlay:
      return encode_png(draw_overlay(image, std::span(&found.mask, 1), std::span(&colors_[prompt], 1)));
    case OutputKind::cutout:
      return encode_png(cut_out(image, found.mask));
    case OutputKind::probability:
      return encode_png(found.probability);
    default:
      break;
  }
  throw Error(ErrorCode::internal, std::string(name(kind)) + " is of all prompts");
}

std::string PictureFiles::encode(const Image& image, const LabelMap& labels) const {
  return encode_png(draw_labels(image, labels, prompts_, colors_));
}

NamedFiles PictureFiles::write(const OutputPlan& plan, std::size_t picture, std::size_t prompt, const Image& image,
                               const FoundMask& found) const {
  NamedFiles files;
  for (const OutputKind kind : plan.kinds())
    if (!is_of_all_prompts(kind))
      put(plan, files, kind, plan.file(picture, prompt, kind), encode(kind, prompt, image, found));
  return files;
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

NamedFiles PictureFiles::write(const OutputPlan& plan, std::size_t picture, const OutlinedPicture& outlined) const {
  NamedFiles files;
  for (const OutputKind kind : plan.kinds()) {
    const std::filesystem::path file = is_for_tools(kind) ? plan.file(picture, kind) : std::filesystem::path();
    if (kind == OutputKind::yolo) put(plan, files, kind, file, yolo_text(outlined));
    if (kind == OutputKind::labelme) put(plan, files, kind, file, labelme_json(outlined, prompts_, file));
  }
  return files;
}

}  // namespace ldznet
