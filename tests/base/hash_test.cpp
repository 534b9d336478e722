#include "base/hash.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

// Published test vectors of FNV-1a, 64 bits.
TEST(StableHash, KnownValues) {
  EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325U);
  EXPECT_EQ(stable_hash("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(stable_hash("foobar"), 0x85944171f73967e8U);
}

TEST(StableHash, BytesAbove127AreUnsigned) {
  EXPECT_EQ(stable_hash("\xff"), (0xcbf29ce484222325U ^ 0xffU) * 1099511628211U);
}

}  // namespace
}  // namespace ldznet
