#pragma once

namespace ldznet {

// The fixed parts of a report's page. The script expects `data-name` on every article, `data-layer` (the layer's
// number in the article) on masks and on the lines of the list, and `data-box` (the number of the switch), `data-text`,
// `data-score` and `data-area` on those lines.

extern const char* const kReportStart;     ///< before the title
extern const char* const kReportControls;  ///< filters; the switches follow
extern const char* const kReportEnd;       ///< after the articles

}  // namespace ldznet
