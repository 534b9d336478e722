#include "output/report/report.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/decimals.h"
#include "base/text.h"
#include "image/mask_picture.h"
#include "ldznet/error.h"

namespace ldznet {

namespace {

/// The prompts of the run, then those that only the other run has.
std::vector<std::string> all_prompts(std::vector<std::string> prompts, const OtherRun* other) {
  if (other == nullptr) return prompts;
  for (const std::string& prompt : other->prompts()) append_new(prompts, prompt);
  return prompts;
}

ReportHeader header(const RunMetadata& run, const std::vector<std::string>& prompts, const ReportOptions& options) {
  ReportHeader header{"ldznet: masks by " + run.model.title() + ", " + run.method,
                      (run.model.domain.empty() ? "" : "trained on " + run.model.domain + "; ") + "threshold " +
                          decimals(run.threshold, 3),
                      prompts};
  if (options.other_run) {
    header.subtitle += "; compared with " + options.other_run->file();
    header.other_run = options.other_run->file();
  }
  if (options.has_probabilities) header.threshold = options.invert ? 1 - run.threshold : run.threshold;
  return header;
}

/// "0.912, 1234 pixels"
std::string figures(const PromptResult& result) {
  if (result.area == 0) return "not found";
  return decimals(result.score, 3) + ", " + std::to_string(result.area) + " pixels";
}

/// The thumbnail of the probabilities that the run has saved; empty if there are none, or none any more.
std::string saved_probability(const PromptResult& result) {
  for (const auto& [kind, file] : result.files) {
    if (kind != OutputKind::probability) continue;
    try {
      MaskPicture saved = MaskReader(std::numeric_limits<std::uint64_t>::max()).read(file);
      for (float& value : saved.map.values) value *= saved.least.value_or(1);
      return probability_thumbnail(saved.map);
    } catch (const Error&) {
      return "";
    }
  }
  return "";
}

}  // namespace

ReportWriter::ReportWriter(const std::filesystem::path& file, const RunMetadata& run,
                           const std::vector<std::string>& prompts, ReportOptions options)
    : options_(std::move(options)),
      prompts_(all_prompts(prompts, options_.other_run.get())),
      page_(file, header(run, prompts_, options_)) {}

void ReportWriter::add_mask(std::size_t number, const PromptResult& result, const Mask& mask) {
  masks_.resize(number + 1);
  masks_[number] = page_.mask_png(result.prompt_index, mask, mask.width, mask.height);
}

void ReportWriter::add(const PictureResult& picture, const Image* image) {
  std::vector<std::string> masks = std::exchange(masks_, {});
  ReportArticle article{picture.image, picture.width, picture.height, image, "", "", {}};
  if (picture.error) article.error = message(*picture.error);
  for (std::size_t k = 0; k < picture.results.size(); ++k) {
    const PromptResult& result = picture.results[k];
    ReportLayer& layer = article.layers.emplace_back();
    layer.number = result.prompt_index;
    layer.text = result.prompt;
    layer.score = result.score;
    layer.area = result.area;
    if (options_.has_probabilities) layer.probability_png = saved_probability(result);
    if (result.instance > 0) layer.note = "instance " + std::to_string(result.instance) + ": ";
    layer.note += figures(result);
    if (result.area > 0) layer.mask_png = std::move(masks[k]);
  }
  if (options_.other_run) compare(picture, article);
  page_.add(page_.article(article));
}

/// Adds what the other run has for the picture to its layers, and a layer for every prompt that only the other run has.
void ReportWriter::compare(const PictureResult& picture, ReportArticle& article) {
  const PictureResult* other = options_.other_run->find(picture.image);
  bool same_size = false;
  if (other == nullptr) {
    article.note = "not in the other run";
  } else {
    shown_.insert(other);
    same_size = other->width == picture.width && other->height == picture.height;
    if (other->error)
      article.note = "failed in the other run" + (picture.error ? ", too" : ": " + message(*other->error));
    else if (!same_size && !picture.error)
      article.note = "not compared: in the other run it has " + std::to_string(other->width) + " × " +
                     std::to_string(other->height) + " pixels";
  }
  if (picture.error) return;
  if (!same_size) {
    for (ReportLayer& layer : article.layers) layer.iou = "none";
    return;
  }
  for (std::size_t k = 0; k < picture.results.size(); ++k) {
    const PromptResult& ours = picture.results[k];
    compare(picture, &ours, find_result(*other, ours.prompt), article.layers[k]);
  }
  for (const PromptResult& theirs : other->results) {
    if (find_result(picture, theirs.prompt) != nullptr) continue;
    ReportLayer& layer = article.layers.emplace_back();
    layer.number = std::find(prompts_.begin(), prompts_.end(), theirs.prompt) - prompts_.begin();
    layer.text = theirs.prompt;
    layer.score = theirs.score;
    layer.area = theirs.area;
    compare(picture, nullptr, &theirs, layer);
  }
}

/// `ours` or `theirs` is null if only the other run has the prompt.
void ReportWriter::compare(const PictureResult& picture, const PromptResult* ours, const PromptResult* theirs,
                           ReportLayer& layer) {
  layer.iou = "none";
  if (theirs == nullptr) layer.note += ", only in this run";
  if (ours == nullptr) layer.note = "only in the other run: " + figures(*theirs);
  const PromptResult none;
  const auto a = mask_of(ours != nullptr ? *ours : none, picture.width, picture.height);
  const auto b = mask_of(theirs != nullptr ? *theirs : none, picture.width, picture.height);
  if (!a || !b) {
    layer.comparison = "the other run's mask is damaged";
    return;
  }
  const std::optional<double> shared = iou(*a, *b);
  if (ours != nullptr && theirs != nullptr) {
    layer.iou = shared ? decimals(*shared, 4) : "same";
    if (shared)
      layer.comparison = "other run: " + figures(*theirs) + "; IoU " + decimals(*shared, 3) + ", score " +
                         signed_decimals(ours->score - theirs->score, 3) + ", area " +
                         signed_decimals(static_cast<double>(ours->area - theirs->area), 0);
    else
      layer.note += " in either run";
  }
  if (!shared) return;
  const ThumbnailSize size = page_.thumbnail(picture.width, picture.height);
  layer.difference_png = difference_thumbnail(*a, *b, size);
  if (theirs != nullptr && theirs->area > 0)
    layer.other_png = page_.mask_png(layer.number, *b, picture.width, picture.height);
}

/// Pictures of the other run that the page does not show are listed.
void ReportWriter::finish() {
  std::vector<std::string> missing;
  if (options_.other_run) {
    for (const PictureResult& other : options_.other_run->pictures()) {
      if (shown_.contains(&other)) continue;
      std::vector<std::string> results;
      for (const PromptResult& result : other.results) results.push_back(result.prompt + " " + figures(result));
      missing.push_back(other.image + ": " + (other.error ? message(*other.error) : joined(results, "; ")));
    }
  }
  if (!missing.empty())
    page_.list("Not in this run: " + counted(missing.size(), "picture") + " of " + options_.other_run->file(), missing);
  page_.finish();
}

}  // namespace ldznet
