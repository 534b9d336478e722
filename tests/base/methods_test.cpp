#include "base/methods.h"

#include <gtest/gtest.h>

namespace ldznet {
namespace {

TEST(Methods, WhatTheirHeadsRead) {
  EXPECT_TRUE(find_method("ldznet")->reads_latent && find_method("ldznet")->reads_taps);
  EXPECT_TRUE(find_method("znet")->reads_latent && !find_method("znet")->reads_taps);
  EXPECT_FALSE(find_method("rgbnet")->reads_latent || find_method("rgbnet")->reads_taps);
  EXPECT_EQ(find_method("clipseg"), nullptr);
  EXPECT_EQ(find_method(""), nullptr);
}

TEST(Methods, AnyOfSeveral) {
  EXPECT_TRUE(any_method({"rgbnet", "znet"}, &Method::reads_latent));
  EXPECT_FALSE(any_method({"rgbnet", "znet"}, &Method::reads_taps));
  EXPECT_FALSE(any_method({}, &Method::reads_latent));
}

}  // namespace
}  // namespace ldznet
