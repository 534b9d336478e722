#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace ldznet::cli {

/// Bytes that the system would give to a process now: what the machine has available, or less where a cgroup (version 1
/// or 2) of this process or one around it is limited. `root` is the folder with proc/ and sys/.
std::uint64_t system_memory(const std::filesystem::path& root = "/");

/// Bytes that this process can still use: those of the system, and what it has freed and kept. An upper bound, because
/// what was freed in one of malloc's arenas serves only the threads that use it.
std::uint64_t available_memory();

/// Bytes of memory that this process occupies.
std::uint64_t resident_memory();

/// Returns freed memory to the system if the process occupies much more than `usual` bytes. Without that it keeps what
/// the largest picture took; see tune_process().
void return_memory(std::uint64_t usual);

/// Estimates the bytes that a picture takes with these options. A size of 0 is the bundle's.
using MemoryEstimate = std::function<std::uint64_t(int size, int batch_size)>;

/// Throws Error(out_of_memory) unless available_memory() suffices for the picture. Its hint names the option, with its
/// value, that makes the picture fit.
void require_memory(const std::string& picture, const MemoryEstimate& needed, int size, int batch_size);

/// The same for an amount of available memory.
void require_memory(const std::string& picture, const MemoryEstimate& needed, int size, int batch_size,
                    std::uint64_t available);

}  // namespace ldznet::cli
