#include "bundle/torch_errors.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "support/errors.h"

namespace ldznet {
namespace {

TEST(TorchErrors, RecognizesOutOfMemory) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(is_out_of_memory(c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "CUDA")));
  EXPECT_TRUE(is_out_of_memory(std::runtime_error("x\nRuntimeError: CUDA out of memory. Tried to allocate 2 GiB")));
  EXPECT_TRUE(is_out_of_memory(std::runtime_error("could not create a primitive")));
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("mat1 and mat2 shapes cannot be multiplied")));
}

TEST(TorchErrors, FindsTheLineThatDescribesTheProblem) {
  EXPECT_EQ(brief("one line"), "one line");
  EXPECT_EQ(brief("first\nsecond"), "first");
  EXPECT_EQ(brief("The following operation failed\n  File x\nRuntimeError: sizes differ\n"), "sizes differ");
  EXPECT_EQ(brief(""), "");
}

TEST(TorchErrors, ConvertsExceptions) {
  const auto error_for = [](const auto& thrown) {
    return test::error_of(
        [&] { with_errors(ErrorCode::device, "cannot load x", "use the CPU", [&]() -> int { throw thrown; }); });
  };
  const Error memory = error_for(std::bad_alloc());
  EXPECT_EQ(memory.code(), ErrorCode::out_of_memory);
  EXPECT_STREQ(memory.what(), "cannot load x: memory ran out");
  EXPECT_EQ(memory.hint(), "");
  const Error other = error_for(std::runtime_error("no driver\nframe 1"));
  EXPECT_EQ(other.code(), ErrorCode::device);
  EXPECT_STREQ(other.what(), "cannot load x: no driver");
  EXPECT_EQ(other.hint(), "use the CPU");
  const Error cuda = test::error_of([] {
    with_errors(ErrorCode::bad_config, "unet.pt failed", "export it again",
                []() -> int { throw std::runtime_error("CUDA error: an illegal memory access"); });
  });
  EXPECT_EQ(cuda.code(), ErrorCode::internal) << "the bundle is not at fault";
  EXPECT_EQ(cuda.hint(), "");
  const Error own = error_for(Error(ErrorCode::bad_config, "wrong file", "copy it"));
  EXPECT_EQ(own.code(), ErrorCode::bad_config);
  EXPECT_STREQ(own.what(), "wrong file");
}

TEST(TorchErrors, ReturnsTheResult) {
  EXPECT_EQ(with_errors(ErrorCode::internal, "x", "", [] { return 7; }), 7);
}

}  // namespace
}  // namespace ldznet
