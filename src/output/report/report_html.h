#pragma once

#include <string>

namespace ldznet {

// The fixed parts of a report's page. The script expects `data-name` on every article, `data-layer` (the layer's
// number in the article) on the images of masks and on the lines of the list, and on those lines `data-box` (the number
// of the switch), `data-text`, `data-score`, `data-area` and, when runs are compared, `data-iou`: a number, "same" if
// both masks are empty, or "none" if there is nothing to compare with.

extern const char* const kReportStyle;
extern const char* const kReportScript;
extern const char* const kReportFilters;  ///< the form's filters
extern const char* const kReportKeys;     ///< the hint about keys

/// The page up to its title. Its content security policy allows the page's own script, styles and embedded images, and
/// nothing else, so that nothing in a name can run or load anything.
std::string report_start();

}  // namespace ldznet
