#include "data/grouped_evaluation.h"

#include <utility>

#include "base/text.h"

namespace ldznet {

GroupedEvaluation::GroupedEvaluation(const std::vector<std::string>& methods, std::vector<std::string> tags)
    : tags_(std::move(tags)), all_(methods) {}

std::string GroupedEvaluation::group_of(const Sample& sample) const {
  std::vector<std::string> values;
  for (const std::string& tag : tags_) {
    const auto found = sample.tags.find(tag);
    values.push_back(found == sample.tags.end() ? "-" : found->second);
  }
  return joined(values);
}

void GroupedEvaluation::add_image(const ImageSamples& samples, const CountsByMethod& counts) {
  all_.add_image(samples, counts);
  if (tags_.empty()) return;
  std::map<std::string, std::pair<ImageSamples, CountsByMethod>> groups;  // of this image
  for (std::size_t s = 0; s < samples.size(); ++s) {
    auto& [members, members_counts] = groups[group_of(*samples[s])];
    members.push_back(samples[s]);
    members_counts.resize(counts.size());
    for (std::size_t m = 0; m < counts.size(); ++m) members_counts[m].push_back(counts[m][s]);
  }
  for (const auto& [name, group] : groups)
    groups_.try_emplace(name, all_.methods()).first->second.add_image(group.first, group.second);
}

GroupResults GroupedEvaluation::group_results() const {
  GroupResults results;
  for (const auto& [name, group] : groups_) results.emplace(name, group.result());
  return results;
}

}  // namespace ldznet
