#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace ldznet {

// Text in pictures, in ASCII (see draw/ascii.h). `height` is the height of a capital letter in pixels.

inline const cv::Scalar kInk(38, 42, 48);  ///< RGB, nearly black

/// The width of the text in pixels.
int text_width(int height, const std::string& text);

/// The text, shortened to end in "..." if it is wider than `room` pixels.
std::string shortened(int height, const std::string& text, int room);

/// Draws the text on an RGB picture; `baseline` is the left end of its baseline.
void draw_text(int height, const std::string& text, cv::Point baseline, const cv::Scalar& ink, cv::Mat& canvas);

}  // namespace ldznet
