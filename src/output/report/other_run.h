#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ldznet/mask.h"
#include "output/picture_result.h"

namespace ldznet {

/// The results of an earlier run, for comparison: its JSON lines, by picture.
class OtherRun {
 public:
  /// `file`: where the lines are from, for messages and for the page. Throws Error(bad_config) for lines that are not
  /// of a run without instances.
  OtherRun(std::string file, const std::vector<std::string>& lines);

  const std::string& file() const { return file_; }
  const std::vector<std::string>& prompts() const { return prompts_; }  ///< in the order of their first appearance
  const std::vector<PictureResult>& pictures() const { return pictures_; }

  /// The picture's results or error, by its name as the user gave it; "./a.png" is "a.png". Null: not in this run.
  const PictureResult* find(const std::string& image) const;

 private:
  std::string file_;
  std::vector<PictureResult> pictures_;
  std::unordered_map<std::string, std::size_t> numbers_;  ///< in pictures_, by image; the last line wins
  std::vector<std::string> prompts_;
};

/// The result of the prompt, or null.
const PromptResult* find_result(const PictureResult& picture, const std::string& prompt);

/// The result's mask for a picture of this size; empty pixels if the result has none. Unset if its run lengths are of
/// another size.
std::optional<Mask> mask_of(const PromptResult& result, int width, int height);

/// The pixels that two masks of one size share, divided by those of either; unset if both are empty.
std::optional<double> iou(const Mask& a, const Mask& b);

}  // namespace ldznet
