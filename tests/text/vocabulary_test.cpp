#include "text/vocabulary.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/errors.h"

namespace ldznet {
namespace {

Vocabulary parse(const std::string& vocab, const std::string& merges) {
  return parse_vocabulary({"bundle/vocab.json", vocab}, {"bundle/merges.txt", merges});
}

TEST(Vocabulary, PiecesAndMerges) {
  const Vocabulary vocabulary = parse(
      R"({"a": 0, "b": 1, "b</w>": 2, "ab": 3, "ab</w>": 4, "\u0120": 5, "\u00e9": 6, "<|startoftext|>": 7, "<|endoftext|>": 8})",
      "#version: 0.2\na b\na b</w>\n");
  EXPECT_EQ(vocabulary.size, 9U);
  EXPECT_EQ(vocabulary.start, 7);
  EXPECT_EQ(vocabulary.end, 8);
  EXPECT_EQ(vocabulary.bytes['a'], 0);
  EXPECT_EQ(vocabulary.bytes[' '], 5) << "U+0120 is the symbol of a space";
  EXPECT_EQ(vocabulary.bytes[0xe9], 6);
  EXPECT_EQ(vocabulary.bytes['c'], 8) << "bytes without a piece are the end token";
  EXPECT_EQ(vocabulary.last_bytes['b'], 2);
  EXPECT_EQ(vocabulary.last_bytes['a'], 8);
  ASSERT_EQ(vocabulary.merges.size(), 2U);
  EXPECT_EQ(vocabulary.merges.at(Vocabulary::pair(0, 1)).piece, 3);
  EXPECT_EQ(vocabulary.merges.at(Vocabulary::pair(0, 1)).rank, 0);
  EXPECT_EQ(vocabulary.merges.at(Vocabulary::pair(0, 2)).piece, 4);
  EXPECT_EQ(vocabulary.merges.at(Vocabulary::pair(0, 2)).rank, 1);
}

TEST(Vocabulary, TheVersionLineIsOptional) {
  const std::string vocab = R"({"a": 0, "aa": 1, "<|startoftext|>": 2, "<|endoftext|>": 3})";
  EXPECT_EQ(parse(vocab, "a a").merges.size(), 1U);
  EXPECT_EQ(parse(vocab, "").merges.size(), 0U);
}

struct BadVocabulary {
  const char *vocab, *merges, *message;
};

TEST(Vocabulary, ErrorsNameTheFileAndTheLineOrPiece) {
  const std::string good = R"({"a": 0, "b": 1, "ab": 2, "<|startoftext|>": 3, "<|endoftext|>": 4})";
  const std::vector<BadVocabulary> cases = {
      {"[]", "", "must be an object"},
      {"3", "", "must be an object"},
      {"{\"a\": 0,\n\"b\"", "", "line 2: not valid JSON"},
      {"", "", "not valid JSON"},
      {R"({"a": -1})", "", "\"a\" must be a whole number"},
      {R"({"a": 0.5})", "", "\"a\" must be a whole number"},
      {R"({"a": "0"})", "", "\"a\" must be a whole number"},
      {R"({"a": 4294967296})", "", "\"a\" must be a whole number"},
      {R"({"a": {"b": 1}})", "", "must be a whole number"},
      {R"({"a": 0, "a": 1})", "", "twice"},
      {R"({"a": 0, "<|endoftext|>": 1})", "", "<|startoftext|>"},
      {R"({"a": 0, "<|startoftext|>": 1})", "", "<|endoftext|>"},
      {good.c_str(), "#version: 0.2\na b\na b\n", "line 3: this merge occurs twice"},
      {good.c_str(), "a\n", "line 1: must be two pieces"},
      {good.c_str(), "a b c\n", "line 1: must be two pieces"},
      {good.c_str(), "a b\n\n", "line 2: must be two pieces"},
      {good.c_str(), "a x\n", "line 1: \"x\" is not in the vocabulary"},
      {good.c_str(), "b a\n", "line 1: \"ba\" is not in the vocabulary"},
  };
  for (const BadVocabulary& bad : cases) {
    const Error error = test::error_of([&] { parse(bad.vocab, bad.merges); });
    EXPECT_EQ(error.code(), ErrorCode::bad_config) << bad.message;
    EXPECT_NE(std::string(error.what()).find(bad.message), std::string::npos) << error.what() << "\n" << bad.message;
    EXPECT_NE(std::string(error.what()).find("bundle/"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace ldznet
