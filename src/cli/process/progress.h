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

/// How far the picture in progress is.
struct TilesDone {
  std::size_t done = 0, all = 0;  ///< tiles; 0 and 0: it is not divided
};

/// "3/10 pictures, 1.2 a second, 0:06 left": the progress after `seconds`, cut to `width` columns. With tiles, "3/10
/// pictures, 12/40 tiles, ...".
std::string progress_text(std::size_t done, std::size_t total, double seconds, std::size_t width,
                          const TilesDone& tiles = {});

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
  void advance() {
    ++done_;
    tiles_ = {};
  }

  /// Says how far the picture in progress is.
  void set_tiles(std::size_t done, std::size_t all) { tiles_ = {done, all}; }

  std::size_t done() const { return done_; }

 private:
  std::size_t total_, done_ = 0;
  TilesDone tiles_;
  bool on_;
  Stopwatch stopwatch_;
};

}  // namespace ldznet::cli
