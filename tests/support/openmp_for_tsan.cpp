// Tells the thread sanitizer about OpenMP's parallel regions, built only into the tests of the preset `tsan`.
//
// GNU's OpenMP is built without the sanitizer, which then does not see that a region starts after what its caller did
// before, and that the caller goes on after all of the region's threads. All of LibTorch's regions start with a call of
// GOMP_parallel.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace {

using Body = void(void*);
using Parallel = void(Body*, void*, unsigned, unsigned);

struct Region {
  Body* body;
  void* data;
};

void run_region(void* argument) {
  __tsan_acquire(argument);
  const auto* region = static_cast<const Region*>(argument);
  region->body(region->data);
  __tsan_release(argument);
}

}  // namespace

/// Replaces libgomp's function of this name and calls it.
extern "C" void GOMP_parallel(Body* body, void* data, unsigned threads, unsigned flags) {
  static auto* const parallel = reinterpret_cast<Parallel*>(dlsym(RTLD_NEXT, "GOMP_parallel"));
  Region region{body, data};
  __tsan_release(&region);
  parallel(run_region, &region, threads, flags);
  __tsan_acquire(&region);
}
