#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/targets.h"
#include "support/tests_folder.h"

namespace ldznet {
namespace {

namespace fs = std::filesystem;

// Runs every target on its corpus: inputs the fuzzer kept and inputs that once failed. A target aborts on a failure.
TEST(Fuzz, EveryCorpus) {
  for (const fuzz::Target& target : fuzz::kTargets) {
    int files = 0;
    for (const auto& entry : fs::directory_iterator(test::tests_folder() / "fuzz" / "corpus" / target.name)) {
      SCOPED_TRACE(entry.path());
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string content((std::istreambuf_iterator<char>(stream)), {});
      target.run(std::as_bytes(std::span(content)));
      ++files;
    }
    EXPECT_GT(files, 20) << target.name;
  }
}

}  // namespace
}  // namespace ldznet
