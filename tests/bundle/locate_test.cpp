#include "bundle/locate.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "ldznet/bundle.h"

namespace ldznet {
namespace {

TEST(Locate, PlacesBesideAProgram) {
  const auto places = shipped_bundle_places("/opt/ldznet/bin");
  EXPECT_EQ(places, (std::vector<std::filesystem::path>{"/opt/ldznet/bin/models/ldznet-mini",
                                                        "/opt/ldznet/share/ldznet/models/ldznet-mini",
                                                        "/opt/ldznet/models/ldznet-mini", "/opt/models/ldznet-mini"}));
}

TEST(Locate, TheVariableWins) {
  ::setenv("LDZNET_MODEL", "/somewhere/else", 1);
  EXPECT_EQ(default_bundle_directory(), "/somewhere/else");
  ::unsetenv("LDZNET_MODEL");
}

}  // namespace
}  // namespace ldznet
