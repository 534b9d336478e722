#include "bundle/verified_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "base/files/file_io.h"
#include "ldznet/error.h"
#include "support/temporary_folder.h"
#include "support/tests_folder.h"
#include "support/toy_bundle.h"

namespace ldznet {
namespace {

using test::ToyBundle;

std::string complaint(const ToyBundle& bundle, const std::string& file, OnMismatch on_mismatch = OnMismatch::refuse) {
  try {
    VerifiedFile(bundle.directory(), file, read_manifest(bundle.directory()), {.on_mismatch = on_mismatch});
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    return error.what();
  }
}

/// Longer than a tick of the clock that stamps files, after which a file is mapped and no longer copied.
constexpr std::chrono::milliseconds kSettles{20};

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
  const VerifiedFile file(bundle.directory(), "unet.pt", read_manifest(bundle.directory()),
                          {.on_mismatch = OnMismatch::warn});
  const auto mapped = [&] {
    std::vector<std::uint64_t> pages((content.size() + page - 1) / page);
    const Descriptor map(::open("/proc/self/pagemap", O_RDONLY));
    const auto place = reinterpret_cast<std::uintptr_t>(file.bytes().data()) / page * sizeof(pages[0]);
    const std::size_t size = pages.size() * sizeof(pages[0]);
    EXPECT_EQ(::pread(map.number(), pages.data(), size, static_cast<off_t>(place)), static_cast<ssize_t>(size));
    return std::ranges::count_if(pages, [](std::uint64_t entry) { return entry >> 63U != 0; });
  };
  EXPECT_EQ(std::memcmp(file.bytes().data(), content.data(), content.size()), 0);
  ASSERT_EQ(mapped(), 10);
  file.discard(page / 2, 3 * page);  // two whole pages and parts of two others
  EXPECT_EQ(mapped(), 8);
  EXPECT_EQ(std::memcmp(file.bytes().data(), content.data(), page), 0);
  EXPECT_EQ(std::memcmp(file.bytes().data() + 3 * page, content.data() + 3 * page, content.size() - 3 * page), 0);
}

TEST(VerifiedFile, NoticesChangesAfterTheComparison) {
  const ToyBundle bundle;
  const auto path = bundle.directory() / "unet.pt";
  const std::string content = bundle.read("unet.pt");
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY));
  if (!has_reliable_times(descriptor.number())) GTEST_SKIP() << "the temporary folder is on a network or in memory";
  const auto change_noticed = [&](const std::function<void()>& change) {
    std::this_thread::sleep_for(kSettles);
    const VerifiedFile file(bundle.directory(), "unet.pt", read_manifest(bundle.directory()));
    EXPECT_NO_THROW(file.require_unchanged());
    change();
    try {
      file.require_unchanged();
      return false;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      return contains(error.what(), "unet.pt was changed while it was loaded");
    }
  };
  EXPECT_TRUE(change_noticed([&] { bundle.write("unet.pt", content); })) << "the same bytes again";
  EXPECT_TRUE(change_noticed([&] {  // a byte in place, and the time set back
    struct stat before {};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).put(content[0]);
    const std::array<timespec, 2> times = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
  }));
  EXPECT_TRUE(change_noticed([&] {
    std::filesystem::copy_file(path, bundle.directory() / "new");
    std::filesystem::rename(bundle.directory() / "new", path);
  }));
}

TEST(VerifiedFile, BytesAreThoseThatWereComparedOrTheChangeIsNoticed) {
  const ToyBundle bundle;
  const std::string content = bundle.read("unet.pt"), other(content.size(), 'x');
  for (int time = 0; time < 20; ++time) {
    bundle.write("unet.pt", content);
    if (time % 2 == 0) std::this_thread::sleep_for(kSettles);  // else it is too fresh for its times to tell
    const VerifiedFile file(bundle.directory(), "unet.pt", read_manifest(bundle.directory()));
    bundle.write("unet.pt", other);
    bool noticed = false;
    try {
      file.require_unchanged();
    } catch (const Error&) {
      noticed = true;
    }
    EXPECT_TRUE(noticed || file.text() == content) << time;
  }
}

TEST(VerifiedFile, KnownFilesAreNotHashed) {
  const test::TemporaryFolder folder;
  const auto bundle = test::tests_folder().parent_path() / "models" / "ldznet-mini";  // its files are old enough
  const Verification verification{.known = KnownFiles(folder.path() / "known")};
  const Descriptor descriptor(::open((bundle / "unet.pt").c_str(), O_RDONLY));
  if (!has_reliable_times(descriptor.number())) GTEST_SKIP() << "the sources are on a network or in memory";
  const VerifiedFile first(bundle, "unet.pt", read_manifest(bundle), verification);
  EXPECT_FALSE(first.is_known());
  EXPECT_FALSE(VerifiedFile(bundle, "unet.pt", read_manifest(bundle), verification).is_known()) << "not remembered yet";
  first.remember();
  EXPECT_TRUE(VerifiedFile(bundle, "unet.pt", read_manifest(bundle), verification).is_known());
  EXPECT_FALSE(VerifiedFile(bundle, "unet.pt", read_manifest(bundle)).is_known());
  EXPECT_FALSE(VerifiedFile(bundle, "ldznet.pt", read_manifest(bundle), verification).is_known());
  Manifest other = read_manifest(bundle);
  other.files["unet.pt"].sha256 = std::string(64, '0');
  EXPECT_THROW(VerifiedFile(bundle, "unet.pt", other, verification), Error);
  const VerifiedFile wrong(bundle, "unet.pt", other, {OnMismatch::warn, verification.known});
  wrong.remember();
  EXPECT_THROW(VerifiedFile(bundle, "unet.pt", other, verification), Error) << "a wrong file must not be remembered";
  other = read_manifest(bundle);
  ++other.files["unet.pt"].bytes;
  EXPECT_THROW(VerifiedFile(bundle, "unet.pt", other, verification), Error) << "the size counts, too";
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
