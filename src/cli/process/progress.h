#pragma once

#include <cstddef>
#include <string>

#include "base/stage_timer.h"
#include "cli/args/common_options.h"

namespace ldznet::cli {

/// True when a progress line is to be shown: on a terminal, unless the user asked for less output.
bool progress_wanted(const LogOptions& log, bool no_progress);

/// 3725 -> "1:02:05", 65 -> "1:05".
std::string duration_text(double seconds);

/// "3/10 pictures, 1.2 a second, 0:06 left": the progress after `seconds`, cut to `width` columns.
std::string progress_text(std::size_t done, std::size_t total, double seconds, std::size_t width);

/// A progress line on stderr. Draws nothing when it is off.
class Progress {
 public:
  Progress(std::size_t total, bool on) : total_(total), on_(on) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { hide(); }

  /// Redraws the line. The cursor stays at its start, so that log messages overwrite it.
  void show() const;

  /// Clears the line, to make room for other output.
  void hide() const;

  /// Counts one more picture.
  void advance() { ++done_; }

  std::size_t done() const { return done_; }

 private:
  std::size_t total_, done_ = 0;
  bool on_;
  Stopwatch stopwatch_;
};

}  // namespace ldznet::cli
