#include "cli/process/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>

#include "base/decimals.h"
#include "base/log.h"
#include "cli/process/standard_output.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kUsualWidth = 80;  // if the terminal does not report its width

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(log::stderr_descriptor(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualWidth;
}

/// "1.2 a second", or "7.5 s each" below one.
std::string rate_text(double rate) { return rate >= 1 ? decimals(rate) + " a second" : decimals(1 / rate) + " s each"; }

void write_to_terminal(const std::string& text) {
  // The run goes on when the terminal is gone.
  [[maybe_unused]] const ssize_t ignored = ::write(log::stderr_descriptor(), text.data(), text.size());
}

}  // namespace

bool progress_wanted(const LogOptions& log, bool no_progress) {
  return stderr_is_terminal() && !no_progress && !log.quiet;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  std::array<char, 48> text{};
  if (whole >= 3600)
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  else
    std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
  return text.data();
}

std::string progress_text(std::size_t done, std::size_t total, double seconds, std::size_t width,
                          const TilesDone& tiles) {
  std::string text = std::to_string(done) + "/" + std::to_string(total) + " pictures";
  const auto of_total = [](std::size_t part, std::size_t all) {
    return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
  };
  if (tiles.all > 0) text += ", " + std::to_string(tiles.done) + "/" + std::to_string(tiles.all) + " tiles";
  const double pictures = static_cast<double>(done) + of_total(tiles.done, tiles.all);
  if (done > 0 && seconds > 0) text += ", " + rate_text(pictures / seconds);
  if (pictures > 0 && seconds > 0 && done < total)
    text += ", " + duration_text((static_cast<double>(total) - pictures) * seconds / pictures) + " left";
  return text.substr(0, width);
}

void Progress::show() const {
  if (!on_) return;
  write_to_terminal("\r\033[K" + progress_text(done_, total_, stopwatch_.seconds(), terminal_width() - 1, tiles_) +
                    "\r");
}

void Progress::hide() const {
  if (on_) write_to_terminal("\r\033[K");
}

}  // namespace ldznet::cli
