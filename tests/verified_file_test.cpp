#include "bundle/verified_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <vector>

#include "ldznet/error.h"
#include "support/toy_bundle.h"

namespace ldznet {
namespace {

using testing::ToyBundle;

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

TEST(VerifiedFile, GivesTheBytes) {
  const ToyBundle bundle;
  const std::string content = bundle.read("unet.pt");
  const VerifiedFile file(bundle.directory(), "unet.pt", read_manifest(bundle.directory()));
  ASSERT_EQ(file.bytes().size(), content.size());
  EXPECT_EQ(std::memcmp(file.bytes().data(), content.data(), content.size()), 0);
  EXPECT_NO_THROW(verify_bundle(bundle.directory(), read_manifest(bundle.directory())));
}

TEST(VerifiedFile, OneChangedByteAnywhereIsSeen) {
  const ToyBundle bundle;
  const Manifest manifest = read_manifest(bundle.directory());
  const std::string original = bundle.read("unet.pt");
  std::vector<std::size_t> positions = {original.size() - 1};
  for (std::size_t at = 0; at < original.size(); at += original.size() / 61 + 1) positions.push_back(at);
  for (const std::size_t at : positions) {
    std::string changed = original;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    bundle.write("unet.pt", changed);
    EXPECT_THROW(VerifiedFile(bundle.directory(), "unet.pt", manifest), Error) << at;
    EXPECT_THROW(verify_bundle(bundle.directory(), manifest), Error) << at;
  }
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt has sha256"));
}

TEST(VerifiedFile, AnotherSizeIsNamed) {
  const ToyBundle bundle;
  bundle.write("unet.pt", std::string(1234, 'x'));
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is 1,234 bytes, the manifest says "));
  bundle.write("unet.pt", "");
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is 0 bytes, the manifest says "));
  EXPECT_THROW(verify_bundle(bundle.directory(), read_manifest(bundle.directory())), Error);
}

TEST(VerifiedFile, TrustLetsBothPass) {
  const ToyBundle bundle;
  bundle.write("vocab.json", "{}");
  EXPECT_EQ(complaint(bundle, "vocab.json", OnMismatch::warn), "");
  std::string changed = bundle.read("merges.txt");
  changed.back() = 'x';
  bundle.write("merges.txt", changed);
  EXPECT_EQ(complaint(bundle, "merges.txt", OnMismatch::warn), "");
}

TEST(VerifiedFile, WhatIsNoPlainFile) {
  const ToyBundle bundle;
  EXPECT_TRUE(contains(complaint(bundle, "other.pt"), "says nothing about other.pt"));
  std::filesystem::remove(bundle.directory() / "unet.pt");
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is missing"));
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt", OnMismatch::warn), "unet.pt is missing"));
  std::filesystem::create_directory(bundle.directory() / "unet.pt");
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is not a plain file"));
  std::filesystem::remove(bundle.directory() / "unet.pt");
  ASSERT_EQ(::mkfifo((bundle.directory() / "unet.pt").c_str(), 0600), 0);
  EXPECT_TRUE(contains(complaint(bundle, "unet.pt"), "unet.pt is not a plain file"));
}

}  // namespace
}  // namespace ldznet
