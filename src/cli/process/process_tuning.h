#pragma once

namespace ldznet::cli {

/// Opens /dev/null in place of each of stdin, stdout and stderr that is closed: a file that the program opens would get
/// its number otherwise, and what is printed would be written into that file. To be called first.
void open_standard_streams();

/// Throws Error(missing_input) when the working folder was removed, in which oneMKL ends the process.
void check_working_folder();

/// Sets what the libraries read when they are loaded, and how malloc returns memory. Variables that the user has set
/// are kept. Call it before load_library().
///
/// - OpenMP threads that wait for each other yield their core early. GNU's OpenMP spins for milliseconds by default,
///   which is harmless on an idle machine, but when other programs use the cores, networks with many small layers take
///   more than ten times as long.
/// - Freed memory stays in the process: one picture's tensors are as large as the next one's, and the system zeroes
///   every page that it hands out again.
void tune_process();

}  // namespace ldznet::cli
