#pragma once

#include <limits>
#include <opencv2/core.hpp>
#include <string_view>

namespace ldznet {

// Text in pictures, in any script: Pango lays it out with the machine's fonts. The text is plain UTF-8 without markup;
// control characters are shown as by `printable`, and letters that no font has as boxes. `height` is the height of a
// capital letter in pixels.

inline const cv::Scalar kInk(38, 42, 48);  ///< RGB, nearly black

/// The width of the text in pixels.
int text_width(int height, std::string_view text);

/// Draws the text on an RGB picture; `baseline` is the left end of its baseline. Text wider than `room` pixels is
/// shortened to end in an ellipsis. Warns once per process if no font has some of its letters.
void draw_text(int height, std::string_view text, cv::Point baseline, const cv::Scalar& ink, cv::Mat& canvas,
               int room = std::numeric_limits<int>::max());

}  // namespace ldznet
