#include "compute/panels.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace ldznet {
namespace {

#if defined(__x86_64__)

/// The packed order, value by value: for each panel of 64 rows [pixel][channel / group][row][group], filled with zeros.
at::Tensor packed_slowly(const at::Tensor& weight, const RowOrder& row_of) {
  const std::int64_t group = 4 / weight.element_size(), rows = weight.size(0), channels = weight.size(1);
  const at::Tensor flat = weight.to(at::kFloat).reshape({rows, channels, -1});
  const std::int64_t pixels = flat.size(2);
  const auto from = flat.accessor<float, 3>();
  std::vector<float> values;
  for (std::int64_t first = 0; first < rows; first += panels::kColumns) {
    const std::int64_t columns = panels::round_up(std::min(panels::kColumns, rows - first), 16);
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
      for (std::int64_t c = 0; c < channels; c += group)
        for (std::int64_t column = first; column < first + columns; ++column)
          for (std::int64_t channel = c; channel < c + group; ++channel) {
            const bool is_there = column < rows && channel < channels;
            values.push_back(is_there ? from[row_of(column / 16 * 16) + column % 16][channel][pixel] : 0);
          }
  }
  return at::tensor(values).to(weight.scalar_type());
}

class Panels : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override {
    if (!can_use_panels(at::empty({1}, GetParam()))) GTEST_SKIP() << "needs AVX-512 BF16, without AMX for it";
    at::manual_seed(1);
  }

  static void expect_packed(const at::Tensor& weight, const RowOrder& row_of) {
    const at::Tensor expected = packed_slowly(weight, row_of), actual = pack_panels(weight, row_of);
    EXPECT_EQ(actual.sizes(), weight.sizes());
    ASSERT_EQ(actual.storage().nbytes(), expected.nbytes()) << weight.sizes();
    EXPECT_EQ(std::memcmp(actual.storage().data(), expected.const_data_ptr(), expected.nbytes()), 0) << weight.sizes();
  }
};
INSTANTIATE_TEST_SUITE_P(Types, Panels, testing::Values(at::kFloat, at::kBFloat16));

TEST_P(Panels, HaveTheDocumentedOrder) {
  const std::vector<std::vector<std::int64_t>> shapes = {{64, 32},       {80, 30},      {5, 2},         {1, 64},
                                                         {200, 34},      {33, 7},       {64, 32, 1, 1}, {40, 5, 1, 1},
                                                         {64, 32, 3, 3}, {70, 9, 3, 3}, {3, 1, 3, 3},   {129, 6, 3, 2},
                                                         {16, 4, 4, 4},  {20, 3, 5, 5}, {66, 4, 7, 7}};
  for (const auto& shape : shapes)
    expect_packed(at::randn(shape).to(GetParam()), [](std::int64_t column) { return column; });
}

TEST_P(Panels, TakeRowsInAnotherOrder) {
  const auto backwards = [](std::int64_t column) { return 80 - column; };
  expect_packed(at::randn({96, 12}).to(GetParam()), backwards);
  expect_packed(at::randn({96, 12, 3, 3}).to(GetParam()), backwards);
}

TEST_P(Panels, PackWeightsThatAreNotContiguous) {
  const at::Tensor weight = at::randn({64, 8, 3, 3}).to(GetParam()), plain = pack_panels(weight);
  const at::Tensor other = pack_panels(weight.contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(other.equal(plain));
}

#endif

}  // namespace
}  // namespace ldznet
