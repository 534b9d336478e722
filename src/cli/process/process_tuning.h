#pragma once

#include <cstddef>
#include <thread>

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
///   every page that it hands out again. It grows in large steps, so that the system can use huge pages. All threads
///   share two arenas: with one, the two threads that load networks wait for each other; with one for each thread, each
///   would keep what its largest task took. The second one returns blocks above 64 MiB to the system.
void tune_process();

/// Ends the process with an error and exit code 78 when a file that is mapped into memory becomes shorter or cannot be
/// read, as may happen to a bundle's while it is loaded. Without it the system ends the process with SIGBUS.
void report_shortened_files();

/// Starts a thread that makes the next `bytes` of malloc's memory resident, in huge pages if the system has some free,
/// with the contents they have. The system zeroes a page when it is used for the first time, which takes a fifth of the
/// time in which a small network loads; while the main thread links and initializes LibTorch, another core is idle.
/// Call it after tune_process(), without which malloc does not keep the memory. Returns a thread that cannot be joined
/// where the system cannot do this.
std::thread prefault_heap(std::size_t bytes);

}  // namespace ldznet::cli
