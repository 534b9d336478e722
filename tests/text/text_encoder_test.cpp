#include "text/text_encoder.h"

#include <gtest/gtest.h>

#include "support/toy_source.h"

namespace ldznet {
namespace {

using test::source_of;
using test::ToyBundle;

TEST(TextEncoder, ContextOfSeveralPrompts) {
  const ToyBundle bundle;
  const TextEncoder text(source_of(bundle));
  const std::vector<std::string> prompts = {"panda", "dog", "panda"};
  const at::Tensor context = text.context(prompts);
  ASSERT_EQ(context.sizes(), at::IntArrayRef({3, 16, 4}));
  EXPECT_EQ(context.scalar_type(), at::kFloat);
  EXPECT_TRUE(context[0].equal(context[2]));
  EXPECT_FALSE(context[0].equal(context[1]));
  EXPECT_TRUE(context[0][0].equal(context[1][0])) << "the start token";
  EXPECT_TRUE(text.context(std::span(prompts).subspan(1, 1))[0].equal(context[1]));
}

TEST(TextEncoder, MorePromptsThanTheCachesMinimumCapacity) {
  const ToyBundle bundle;
  const TextEncoder text(source_of(bundle));
  std::vector<std::string> prompts;
  for (int i = 0; i < 600; ++i) prompts.push_back(std::string("a").append(std::to_string(i)));
  const at::Tensor first = text.context(prompts);
  EXPECT_TRUE(text.context(prompts).equal(first));
}

TEST(TextEncoder, LongPromptsKeepTheLength) {
  const ToyBundle bundle;
  const TextEncoder text(source_of(bundle));
  const std::vector<std::string> prompts = {std::string(500, 'x')};
  EXPECT_EQ(text.context(prompts).sizes(), at::IntArrayRef({1, 16, 4}));
}

}  // namespace
}  // namespace ldznet
