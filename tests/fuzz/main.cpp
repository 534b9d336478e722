#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/targets.h"

/// libFuzzer's entry point; the build defines LDZNET_FUZZ_TARGET.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ldznet::fuzz::LDZNET_FUZZ_TARGET(std::as_bytes(std::span(data, size)));
  return 0;
}
