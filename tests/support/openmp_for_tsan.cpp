// Tells the thread sanitizer about OpenMP's parallel regions, part of the tests of the preset `tsan` alone.
//
// GNU's OpenMP is built without the sanitizer, which then does not see that a region starts after what its caller did
// before, and that the caller goes on after all of the region's threads. All regions start with a call of
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

void run(void* argument) {
  __tsan_acquire(argument);
  const auto* region = static_cast<const Region*>(argument);
  region->body(region->data);
  __tsan_release(argument);
}

}  // namespace

/// Takes the place of the library's function of this name, which it calls.
extern "C" void GOMP_parallel(Body* body, void* data, unsigned threads, unsigned flags) {
  static auto* const parallel = reinterpret_cast<Parallel*>(dlsym(RTLD_NEXT, "GOMP_parallel"));
  Region region{body, data};
  __tsan_release(&region);
  parallel(run, &region, threads, flags);
  __tsan_acquire(&region);
}
