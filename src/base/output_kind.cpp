#include "base/output_kind.h"

#include <array>
#include <cstddef>

#include "ldznet/error.h"

namespace ldznet {

namespace {

struct Row {
  OutputKind kind;
  const char* name;
  bool is_savable;  ///< --save takes it; the others are made for another option or kind
  bool is_of_all_prompts;
  bool is_for_tools;
};

/// Every kind, in the order of the enumeration.
constexpr std::array<Row, 10> kRows = {{{OutputKind::mask, "mask", true, false, false},
                                        {OutputKind::overlay, "overlay", true, false, false},
                                        {OutputKind::cutout, "cutout", true, false, false},
                                        {OutputKind::probability, "probability", true, false, false},
                                        {OutputKind::labels, "labels", true, true, false},
                                        {OutputKind::labels_index, "labels_index", false, true, false},
                                        {OutputKind::panoptic, "panoptic", false, true, false},
                                        {OutputKind::yolo, "yolo", true, true, true},
                                        {OutputKind::yolo_image, "yolo_image", false, true, true},
                                        {OutputKind::labelme, "labelme", true, true, true}}};

const Row& row(OutputKind kind) { return kRows[static_cast<std::size_t>(kind)]; }

}  // namespace

const char* name(OutputKind kind) { return row(kind).name; }

bool is_of_all_prompts(OutputKind kind) { return row(kind).is_of_all_prompts; }

bool is_for_tools(OutputKind kind) { return row(kind).is_for_tools; }

std::vector<std::string> savable_kinds() {
  std::vector<std::string> names;
  for (const Row& known : kRows)
    if (known.is_savable) names.emplace_back(known.name);
  return names;
}

OutputKind kind_of(const std::string& name) {
  for (const Row& known : kRows)
    if (name == known.name) return known.kind;
  throw Error(ErrorCode::usage, "there is no kind of file called \"" + name + "\"");
}

}  // namespace ldznet
