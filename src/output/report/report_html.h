#pragma once

namespace ldznet {

/// The fixed parts of a report's page: what stands before its title, between that and its boxes, and after the
/// articles. Every article has `data-name`; its masks and the lines of its list say by `data-box` which box switches
/// them, the lines with `data-text`, `data-score` and `data-area` what the filters look at.
extern const char* const kReportStart;
extern const char* const kReportControls;
extern const char* const kReportEnd;

}  // namespace ldznet
