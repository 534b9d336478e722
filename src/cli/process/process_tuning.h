#pragma once

namespace ldznet::cli {

/// Settles what the libraries read when they are loaded, and how memory is kept; a user's own variables win.
///
/// - Threads that wait for each other give their core back soon. GNU's OpenMP has them spin for milliseconds, which
///   costs nothing on an idle machine, and everything where another program wants the cores, too: networks of many
///   small layers then take ten times as long and more.
/// - Freed memory is kept: tensors of one picture are as large as those of the next, and every page that goes back to
///   the system has to be zeroed again.
void tune_process();

}  // namespace ldznet::cli
