#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace ldznet {

// Text in pictures, in ASCII (mask/ascii.h). Its size is the height of a capital, in pixels.

inline const cv::Scalar kInk(38, 42, 48);  ///< RGB, nearly black

/// Pixels that the text takes from left to right.
int text_width(int height, const std::string& text);

/// The text, cut to end in "..." where it is wider than `room` pixels.
std::string fitted(int height, const std::string& text, int room);

/// Writes the text into an RGB picture, its first letter's foot at `baseline`.
void write(int height, const std::string& text, cv::Point baseline, const cv::Scalar& ink, cv::Mat& canvas);

}  // namespace ldznet
