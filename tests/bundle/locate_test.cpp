#include "bundle/locate.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "ldznet/bundle.h"

namespace ldznet {
namespace {

TEST(Locate, SearchesNearTheProgram) {
  const auto candidates = shipped_bundle_candidates("/opt/ldznet/bin");
  EXPECT_EQ(candidates, (std::vector<std::filesystem::path>{
                            "/opt/ldznet/bin/models/ldznet-mini", "/opt/ldznet/share/ldznet/models/ldznet-mini",
                            "/opt/ldznet/models/ldznet-mini", "/opt/models/ldznet-mini"}));
}

TEST(Locate, TheEnvironmentVariableComesFirst) {
  ::setenv("LDZNET_MODEL", "/somewhere/else", 1);
  EXPECT_EQ(default_bundle_directory(), "/somewhere/else");
  ::unsetenv("LDZNET_MODEL");
}

}  // namespace
}  // namespace ldznet
