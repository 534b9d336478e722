#include "cli/segment/inputs.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace ldznet::cli {
namespace {

TEST(Inputs, APictureIsIncludedOnce) {
  const test::TemporaryFolder folder;
  const std::string picture("P5 1 1 255\n\x33", 12);
  const std::string a = folder.write("in/a.pgm", picture), b = folder.write("in/b.pgm", picture);
  const std::string in = folder.path() / "in", missing = folder.path() / "missing.pgm";
  const auto names = [](std::vector<std::string> paths) {
    std::vector<std::string> found;
    for (const Input& input : find_inputs({.paths = std::move(paths), .recursive = false, .excluded = {}}))
      found.push_back(input.name);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({b, in, in + "/../in/a.pgm", b}), (Names{b, a}));
  EXPECT_EQ(names({in + "/", in}), (Names{a, b}));
  EXPECT_EQ(names({missing, a, missing}), (Names{missing, a}));
}

}  // namespace
}  // namespace ldznet::cli
