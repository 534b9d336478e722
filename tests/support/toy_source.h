#pragma once

#include <string>

#include "bundle/loader.h"
#include "support/toy_bundle.h"

namespace ldznet::test {

/// The toy bundle's networks, on the CPU.
inline NetworkSource source_of(const ToyBundle& bundle, const std::string& precision = "fp32") {
  return {bundle.directory(), read_manifest(bundle.directory()), resolve_backend("cpu", precision)};
}

}  // namespace ldznet::test
