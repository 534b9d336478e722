#include "bundle/verified_file.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "ldznet/error.h"
#include "support/toy_bundle.h"

namespace ldznet {
namespace {

using test::ToyBundle;

std::string complaint(const ToyBundle& bundle, const std::string& file, OnMismatch on_mismatch = OnMismatch::refuse) {
  try {
    VerifiedFile(bundle.directory(), file, read_manifest(bundle.directory()), on_mismatch);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(VerifiedFile, HoldsTheBytes) {
  const ToyBundle bundle;
  const std::string content = bundle.read("unet.pt");
  const VerifiedFile file(bundle.directory(), "unet.pt", read_manifest(bundle.directory()));
  ASSERT_EQ(file.bytes().size(), content.size());
  EXPECT_EQ(std::memcmp(file.bytes().data(), content.data(), content.size()), 0);
  EXPECT_NO_THROW(verify_bundle(bundle.directory(), read_manifest(bundle.directory())));
}

TEST(VerifiedFile, DetectsOneFlippedBitAnywhere) {
  const ToyBundle bundle;
  const Manifest manifest = read_manifest(bundle.directory());
  const std::string original = bundle.read("unet.pt");
  std::mt19937 random(7);
  for (int time = 0; time < 1000; ++time) {
    const std::size_t at = time < 2 ? (original.size() - 1) * time : random() % original.size();
    std::string changed = original;
    changed[at] = static_cast<char>(changed[at] ^ (1U << random() % 8));
    bundle.write("unet.pt", changed);
    EXPECT_THROW(VerifiedFile(bundle.directory(), "unet.pt", manifest), Error) << at;
    if (time % 20 == 0) {
      EXPECT_THROW(verify_bundle(bundle.directory(), manifest), Error) << at;
    }
  }
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt has sha256"));
}

TEST(VerifiedFile, DiscardFreesMemory) {
  const ToyBundle bundle;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::string content(9 * page + 5, 'x');
  bundle.write("unet.pt", content);
  const VerifiedFile file(bundle.directory(), "unet.pt", read_manifest(bundle.directory()), OnMismatch::warn);
  const auto held = [&] {
    std::vector<unsigned char> pages((content.size() + page - 1) / page);
    EXPECT_EQ(::mincore(const_cast<std::byte*>(file.bytes().data()), content.size(), pages.data()), 0);
    return std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1U) != 0; });
  };
  const auto before = held();
  file.discard(page / 2, 3 * page);  // two whole pages and parts of two others
  EXPECT_EQ(held(), before - 2);
  EXPECT_EQ(std::memcmp(file.bytes().data(), content.data(), page), 0);
  EXPECT_EQ(std::memcmp(file.bytes().data() + 3 * page, content.data() + 3 * page, content.size() - 3 * page), 0);
}

TEST(VerifiedFile, ReportsBothSizes) {
  const ToyBundle bundle;
  bundle.write("unet.pt", std::string(1234, 'x'));
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is 1,234 bytes, the manifest says "));
  bundle.write("unet.pt", "");
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is 0 bytes, the manifest says "));
  EXPECT_THROW(verify_bundle(bundle.directory(), read_manifest(bundle.directory())), Error);
}

TEST(VerifiedFile, TrustAcceptsAnotherSizeOrHash) {
  const ToyBundle bundle;
  bundle.write("vocab.json", "{}");
  EXPECT_EQ(complaint(bundle, "vocab.json", OnMismatch::warn), "");
  std::string changed = bundle.read("merges.txt");
  changed.back() = 'x';
  bundle.write("merges.txt", changed);
  EXPECT_EQ(complaint(bundle, "merges.txt", OnMismatch::warn), "");
}

TEST(VerifiedFile, RefusesOtherThanRegularFiles) {
  const ToyBundle bundle;
  EXPECT_TRUE(contains(complaint(bundle, "other.pt"), "no entry for other.pt"));
  std::filesystem::remove(bundle.directory() / "unet.pt");
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is missing"));
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt", OnMismatch::warn), "unet.pt is missing"));
  std::filesystem::create_directory(bundle.directory() / "unet.pt");
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is not a regular file"));
  std::filesystem::remove(bundle.directory() / "unet.pt");
  ASSERT_EQ(::mkfifo((bundle.directory() / "unet.pt").c_str(), 0600), 0);
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is not a regular file"));
}

}  // namespace
}  // namespace ldznet
