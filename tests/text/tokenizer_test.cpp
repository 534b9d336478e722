#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/clip_vocabulary.h"
#include "support/errors.h"

namespace ldznet {
namespace {

using test::error_of;
using Ids = std::vector<std::int64_t>;
constexpr std::int64_t kStart = 49406, kEnd = 49407;
constexpr int kLength = 77;

Tokenizer load(const test::TemporaryFolder& folder, int length = kLength) {
  const std::string vocab = folder.read("vocab.json"), merges = folder.read("merges.txt");
  return Tokenizer::parse({folder.path() / "vocab.json", vocab}, {folder.path() / "merges.txt", merges}, length);
}

const Tokenizer& clip() {
  static const Tokenizer tokenizer = [] {
    const test::TemporaryFolder folder;
    test::write_vocabulary(folder, test::gunzip(test::data_folder() / "clip/merges.txt.gz"));
    return load(folder);
  }();
  return tokenizer;
}

/// The row of 77 ids for a prompt of these ids: start, at most 75 of them, then end tokens.
Ids row(const Ids& whole) {
  Ids ids = {kStart};
  ids.insert(ids.end(), whole.begin(), whole.begin() + std::min<std::ptrdiff_t>(whole.size(), kLength - 2));
  ids.resize(kLength, kEnd);
  return ids;
}

TEST(Tokenizer, HasClipsVocabulary) {
  EXPECT_EQ(clip().vocabulary_size(), 49408u);
  EXPECT_EQ(clip().length(), kLength);
  // Published ids.
  EXPECT_EQ(clip().pieces("a photo of a cat"), (Ids{320, 1125, 539, 320, 2368}));
  EXPECT_EQ(clip().pieces("a diagram"), (Ids{320, 22697}));
}

// The prompts and ids of tests/data/make_prompts.py.
TEST(Tokenizer, EqualsHuggingFaceOnEveryPrompt) {
  std::istringstream lines(test::gunzip(test::data_folder() / "clip/prompts.jsonl.gz"));
  int compared = 0, wrong = 0, cut = 0;
  for (std::string line; std::getline(lines, line); ++compared) {
    const nlohmann::json sample = nlohmann::json::parse(line);
    const std::string prompt = sample[0];
    const Ids whole = sample[1];
    bool truncated = false;
    const bool equal = clip().pieces(prompt) == whole && clip().encode(prompt, &truncated) == row(whole) &&
                       truncated == (whole.size() > kLength - 2);
    cut += truncated ? 1 : 0;
    if (!equal && ++wrong <= 5) ADD_FAILURE() << line.substr(0, 300);
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(compared, 12000);
  EXPECT_GE(cut, 200);
}

TEST(Tokenizer, EmptyPrompts) {
  for (const char* prompt : {"", " ", "\t\n\r\n", "\u3000\u00a0"}) {
    bool truncated = true;
    EXPECT_EQ(clip().encode(prompt, &truncated), row({}));
    EXPECT_FALSE(truncated);
    EXPECT_TRUE(clip().pieces(prompt).empty());
  }
}

TEST(Tokenizer, TruncatesAfterSeventyFivePieces) {
  std::string prompt;
  for (int words = 1; words <= 80; ++words) {
    prompt += "cat ";
    bool truncated = words <= 75;
    const Ids ids = clip().encode(prompt, &truncated);
    EXPECT_EQ(truncated, words > 75) << words;
    ASSERT_EQ(ids.size(), 77u);
    EXPECT_EQ(ids, row(Ids(words, 2368))) << words;
    EXPECT_EQ(ids.back(), kEnd);
  }
}

TEST(Tokenizer, OtherLengths) {
  const test::TemporaryFolder folder;
  test::write_vocabulary(folder, "#version: 0.2\nc a\nca t</w>\n");
  EXPECT_EQ(load(folder, 2).encode("cat"), (Ids{514, 515}));
  EXPECT_EQ(load(folder, 3).encode("cat cat"), (Ids{514, 513, 515}));
  EXPECT_EQ(load(folder, 5).encode("cat"), (Ids{514, 513, 515, 515, 515}));
  EXPECT_EQ(error_of([&] { load(folder, 1); }).code(), ErrorCode::bad_config);
}

TEST(Tokenizer, RefusesInvalidUtf8) {
  const std::vector<std::string> bad = {
      "caf\xe9",
      "\x80",
      "\xc3",
      "\xc0\xaf",
      "\xe2\x82",
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",
      "\xf0\x80\x80\x80",
      "a\xff"
      "b",
      "\xf8\x88\x80\x80\x80",
  };
  for (const std::string& prompt : bad) {
    const Error error = error_of([&] { clip().encode(prompt); });
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find("UTF-8"), std::string::npos) << error.what();
  }
  const Error error = error_of([] { clip().pieces("caf\xe9"); });
  EXPECT_NE(std::string(error.what()).find("byte 4"), std::string::npos) << error.what();
}

// Ids of tokenizers' BPE(unk_token="<|endoftext|>") with the same pieces.
TEST(Tokenizer, BytesMissingFromASmallVocabulary) {
  const test::TemporaryFolder folder;
  folder.write("vocab.json", R"({"a": 0, "b": 1, "a</w>": 2, "b</w>": 3, "ab": 4, "ab</w>": 5, "abab</w>": 6,
                                 "<|startoftext|>": 7, "<|endoftext|>": 8})");
  folder.write("merges.txt", "a b</w>\na b\nab ab</w>\n");
  const Tokenizer tokenizer = load(folder, 8);
  EXPECT_EQ(tokenizer.vocabulary_size(), 9u);
  EXPECT_EQ(tokenizer.pieces("AB abab b aab"), (Ids{5, 6, 3, 0, 5}));
  EXPECT_EQ(tokenizer.pieces("acb"), (Ids{0, 8, 3}));
  EXPECT_EQ(tokenizer.pieces("\u00e9"), (Ids{8, 8}));  // two bytes, two unknown pieces
  EXPECT_EQ(tokenizer.encode("ab"), (Ids{7, 5, 8, 8, 8, 8, 8, 8}));
}

TEST(Tokenizer, MergesLowerRanksFirstAndEqualOnesFromTheLeft) {
  const test::TemporaryFolder folder;
  test::write_vocabulary(folder, "#version: 0.2\nb c\na b\na a\n");
  const std::int64_t a = 64, b = 65, last = 256;
  EXPECT_EQ(load(folder).pieces("abcd"), (Ids{a, 512, 67 + last}));  // not ab, c
  EXPECT_EQ(load(folder).pieces("aaad"), (Ids{514, a, 67 + last}));  // aa, a
  EXPECT_EQ(load(folder).pieces("ababd"), (Ids{513, 513, 67 + last}));
  EXPECT_EQ(load(folder).pieces("bb"), (Ids{b, b + last}));
}

TEST(Tokenizer, LongWordsAndRunsOfMarksTakeLinearithmicTime) {
  const auto start = std::chrono::steady_clock::now();
  std::string marks = "a";
  for (int k = 0; k < 200000; ++k) marks += k % 2 != 0 ? "\u0301" : "\u0327";
  EXPECT_FALSE(clip().pieces(marks).empty());
  EXPECT_FALSE(clip().pieces(std::string(500000, 'x')).empty());
  std::string specials(500000, '<');
  EXPECT_FALSE(clip().pieces(specials).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));  // quadratic time takes minutes
}

TEST(Tokenizer, SeveralThreads) {
  const Ids expected = clip().encode("two pandas behind a house");
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (int& mine : wrong)
    threads.emplace_back([&mine, &expected] {
      for (int k = 0; k < 200; ++k) mine += clip().encode("two pandas behind a house") == expected ? 0 : 1;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, (std::array<int, 4>{}));
}

}  // namespace
}  // namespace ldznet
