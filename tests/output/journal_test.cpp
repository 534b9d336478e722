#include "output/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "support/errors.h"

namespace ldznet {
namespace {

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::path(testing::TempDir()) / "ldznet-journal-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// A picture with two prompts, all members set, and the files it names.
  PictureResult picture() const {
    PictureResult facts;
    facts.image = "zoo/\xc3\xa4 \"b\".png";
    facts.width = 640;
    facts.height = 480;
    facts.times = {1.5, 2.25, 3, 4, 5, 6.125};
    facts.total_ms = 21.875;
    PromptResult& panda = facts.results.emplace_back();
    panda.prompt = "panda";
    panda.score = 0.937181;
    panda.max_probability = 0.993872;
    panda.area = 24716;
    panda.bbox = {63, 206, 186, 175};
    panda.counts = "_jm07\\0cA9";
    panda.files = {{OutputKind::mask, file("mask.png")}, {OutputKind::overlay, file("overlay.png")}};
    panda.boxes = {{{1, 2, 3, 4}}};
    panda.polygons = {{{1, 2, 3, 4, 5, 6}}};
    facts.results.emplace_back().prompt = "sky";
    facts.files = {{OutputKind::labels, file("labels.png")}};
    return facts;
  }
  std::string file(const std::string& name) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << name;
    return path;
  }

  const RunMetadata run_;
  const std::string key_ = std::string(64, 'a'), other_ = std::string(64, 'b');
  std::filesystem::path folder_;
};

TEST_F(JournalTest, SaysAgainWhatWasSaid) {
  const PictureResult facts = picture();
  EXPECT_EQ(json_line(run_, read_json_line(json_line(run_, facts))), json_line(run_, facts));
  Journal(journal_in(folder_, "")).add(key_, run_, facts);
  const auto again = Journal(journal_in(folder_, "")).finished(key_);
  ASSERT_TRUE(again);
  EXPECT_EQ(json_line(run_, *again), json_line(run_, facts));
  EXPECT_FALSE(Journal(journal_in(folder_, "")).finished(other_));
}

TEST_F(JournalTest, DoesNotTrustFilesThatChanged) {
  Journal(journal_in(folder_, "")).add(key_, run_, picture());
  std::ofstream(folder_ / "overlay.png") << "other";
  EXPECT_FALSE(Journal(journal_in(folder_, "")).finished(key_));
  std::filesystem::remove(folder_ / "overlay.png");
  EXPECT_FALSE(Journal(journal_in(folder_, "")).finished(key_));
}

TEST_F(JournalTest, ReadsTheOtherParts) {
  Journal(journal_in(folder_, "1-of-2")).add(key_, run_, picture());
  EXPECT_TRUE(Journal(journal_in(folder_, "2-of-2")).finished(key_));
  EXPECT_TRUE(Journal(journal_in(folder_, "")).finished(key_));
  EXPECT_FALSE(Journal(journal_beside(folder_ / "a.jsonl")).finished(key_));
}

TEST_F(JournalTest, EveryCutLeavesTheLinesBeforeIt) {
  const std::filesystem::path path = journal_in(folder_, "");
  Journal(path).add(key_, run_, picture());
  const auto first = std::filesystem::file_size(path);
  Journal(path).add(other_, run_, picture());
  for (auto size = std::filesystem::file_size(path); size-- > 0;) {
    std::filesystem::resize_file(path, size);
    EXPECT_EQ(Journal(path).finished(key_).has_value(), size >= first) << size;
    EXPECT_FALSE(Journal(path).finished(other_)) << size;
  }
}

TEST_F(JournalTest, NoChangedByteIsBelieved) {
  const std::filesystem::path path = journal_in(folder_, "");
  PictureResult facts = picture();
  facts.segments = {{1, 24716, {63, 206, 186, 175}}};
  Journal(path).add(key_, run_, facts);
  Journal(path).add(other_, run_, picture());
  std::string text(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(text.size()));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    std::ofstream(path, std::ios::binary) << changed;
    const Journal journal(path);
    const bool in_first = at < text.find('\n');
    EXPECT_FALSE(journal.finished(in_first ? key_ : other_)) << at;
    EXPECT_EQ(journal.finished(in_first ? other_ : key_).has_value(), changed[text.find('\n')] == '\n') << at;
  }
}

TEST_F(JournalTest, ImpossibleValuesAreNotRead) {
  PictureResult facts = picture();
  facts.segments = {{1, 24716, {63, 206, 186, 175}}};
  const std::string line = json_line(run_, facts);
  for (const auto& [right, wrong] : {std::pair{"\"label\":1", "\"label\":0"},
                                     {"\"label\":1", "\"label\":3"},
                                     {"\"area\":24716", "\"area\":-1"},
                                     {"\"area\":24716", "\"area\":307201"},
                                     {"\"width\":640", "\"width\":0"},
                                     {"\"height\":480", "\"height\":-480"}}) {
    std::string changed = line;
    changed.replace(changed.find(right), std::string(right).size(), wrong);
    EXPECT_THROW(read_json_line(changed), std::exception) << wrong;
  }
}

TEST_F(JournalTest, GoesOnBehindACutLine) {
  const std::filesystem::path path = journal_in(folder_, "");
  Journal(path).add(key_, run_, picture());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 20);
  Journal(path).add(other_, run_, picture());
  EXPECT_TRUE(Journal(path).finished(other_));
  EXPECT_FALSE(Journal(path).finished(key_));
}

// A write that ends early reports no error of its own, so the message must not take that of an earlier call.
TEST_F(JournalTest, SaysWhyALineIsCutShort) {
  std::optional<Journal> journal(journal_in(folder_, ""));
  const PictureResult facts = picture();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Error error = test::error_of([&] { journal->add(key_, run_, facts); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(error.code(), ErrorCode::cannot_write);
  EXPECT_NE(std::string(error.what()).find(": File too large"), std::string::npos) << error.what();
  journal->add(key_, run_, facts);
  journal.reset();
  EXPECT_TRUE(Journal(journal_in(folder_, "")).finished(key_)) << "the next line replaces the part";
}

TEST_F(JournalTest, ARunHasItsPlaceForItself) {
  const std::filesystem::path whole = journal_in(folder_, ""), file = journal_beside(folder_ / "a.jsonl");
  const std::filesystem::path one = journal_in(folder_, "1-of-2"), two = journal_in(folder_, "2-of-2");
  const auto refused = [](const std::filesystem::path& path, const std::filesystem::path& place) {
    try {
      const Journal second(path);
    } catch (const Error& error) {
      return error.code() == ErrorCode::cannot_write && std::string(error.what()).ends_with(" " + place.string());
    }
    return false;
  };
  {
    const Journal run(whole), other(file);
    EXPECT_TRUE(refused(whole, folder_) && refused(one, folder_) && refused(file, folder_ / "a.jsonl"));
  }
  const Journal part(one), other(two);
  EXPECT_TRUE(refused(whole, folder_) && refused(one, folder_));
}

}  // namespace
}  // namespace ldznet
