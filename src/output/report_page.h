#pragma once

namespace ldznet {

/// The fixed parts of the report: what stands before its title, between that and the pictures' articles, and after
/// these. Every article has `data-name`; its figures and its list have a member for every prompt, told by
/// `data-prompt`, the list's with `data-text` and `data-score`.
extern const char* const kReportStart;
extern const char* const kReportControls;
extern const char* const kReportEnd;

}  // namespace ldznet
