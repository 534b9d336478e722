#include "output/report/report.h"

#include <utility>

#include "base/decimals.h"
#include "ldznet/error.h"

namespace ldznet {

ReportWriter::ReportWriter(const std::filesystem::path& file, const RunMetadata& run,
                           const std::vector<std::string>& prompts)
    : page_(file, "ldznet: masks by " + run.model.title() + ", " + run.method,
            (run.model.domain.empty() ? "" : "trained on " + run.model.domain + "; ") + "threshold " +
                decimals(run.threshold, 3),
            prompts) {}

void ReportWriter::add_mask(std::size_t number, const PromptResult& result, const Mask& mask) {
  masks_.resize(number + 1);
  masks_[number] = page_.mask_png(result.prompt_index, mask, mask.width, mask.height);
}

void ReportWriter::add(const PictureResult& picture, const Image* image) {
  std::vector<std::string> masks = std::exchange(masks_, {});
  ReportArticle article{picture.image, picture.width, picture.height, image, "", {}};
  if (picture.error) article.error = message(*picture.error);
  for (std::size_t k = 0; k < picture.results.size(); ++k) {
    const PromptResult& result = picture.results[k];
    ReportLayer& layer = article.layers.emplace_back();
    layer.number = result.prompt_index;
    layer.text = result.prompt;
    layer.score = result.score;
    layer.area = result.area;
    if (result.area == 0) {
      layer.note = "not found";
      continue;
    }
    if (result.instance > 0) layer.note = "instance " + std::to_string(result.instance) + ": ";
    layer.note += decimals(result.score, 3) + ", " + std::to_string(result.area) + " pixels";
    layer.mask_png = std::move(masks[k]);
  }
  page_.add(page_.article(article));
}

}  // namespace ldznet
