#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace ldznet {

constexpr std::size_t kHugePage = std::size_t{2} << 20;  ///< bytes, on x86 and on most ARM systems

/// madvise() for all pages that have some of the `bytes` from `begin` on. Returns false if the system refuses.
inline bool advise_pages(std::uintptr_t begin, std::size_t bytes, int advice) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = begin / page * page, end = (begin + bytes + page - 1) / page * page;
  return ::madvise(reinterpret_cast<void*>(first), end - first, advice) == 0;  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace ldznet
