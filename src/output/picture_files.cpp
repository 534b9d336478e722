#include "output/picture_files.h"

#include <filesystem>
#include <utility>

#include "base/atomic_file.h"
#include "mask/draw.h"
#include "mask/label_map.h"
#include "mask/legend.h"
#include "output/png.h"

namespace ldznet {

namespace {

LabelMap labels_of(std::span<const Finding> findings) {
  std::vector<Probability> probabilities;
  std::vector<Mask> masks;
  for (const Finding& finding : findings) {
    probabilities.push_back(finding.probability);
    masks.push_back(finding.mask);
  }
  return label_map(probabilities, masks);
}

}  // namespace

PictureFiles::PictureFiles(std::vector<std::string> prompts)
    : prompts_(std::move(prompts)), colors_(palette(prompts_)) {}

std::string PictureFiles::encode(Kind kind, std::size_t prompt, const Image& image,
                                 std::span<const Finding> findings) const {
  switch (kind) {
    case Kind::mask:
      return encode_png(findings[prompt].mask);
    case Kind::overlay:
      return encode_png(draw_overlay(image, std::span(&findings[prompt].mask, 1), std::span(&colors_[prompt], 1)));
    case Kind::cutout:
      return encode_png(cut_out(image, findings[prompt].mask));
    case Kind::probability:
      return encode_png(findings[prompt].probability);
    case Kind::labels:
      break;
  }
  return encode_png(draw_labels(image, labels_of(findings), prompts_, colors_));
}

WrittenFiles PictureFiles::write(const OutputPlan& plan, std::size_t picture, const Image& image,
                                 std::span<const Finding> findings) const {
  WrittenFiles written{std::vector<NamedFiles>(findings.size()), {}};
  const auto put = [&](NamedFiles& list, const char* kind, const std::filesystem::path& file, const std::string& png) {
    plan.require_inside(file);
    write_file(file, png);
    list.emplace_back(kind, file.string());
  };
  for (const Kind kind : plan.kinds()) {
    if (kind == Kind::labels) {
      put(written.common, name(kind), plan.labels(picture), encode(kind, 0, image, findings));
      if (const std::filesystem::path index = plan.label_index(picture); !index.empty())
        put(written.common, "labels_index", index, encode_png(labels_of(findings), findings.size()));
      continue;
    }
    for (std::size_t prompt = 0; prompt < findings.size(); ++prompt)
      put(written.by_prompt[prompt], name(kind), plan.file(picture, prompt, kind),
          encode(kind, prompt, image, findings));
  }
  return written;
}

}  // namespace ldznet
