#include "cli/args/shard.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace ldznet::cli {

namespace {

class ShardSetter : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

  static void clear() {
    for (const char* name :
         {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT", "JOB_COMPLETION_INDEX"})
      ::unsetenv(name);
  }

  static Shard read(const std::string& value) {
    Shard part;
    shard(part)(value);
    return part;
  }
};

}  // namespace

TEST(Shard, TakesEveryCountThPicture) {
  EXPECT_EQ((Shard{2, 3}.of(8)), (std::vector<std::size_t>{1, 4, 7}));
  EXPECT_EQ((Shard{3, 3}.of(2)), (std::vector<std::size_t>{}));
  EXPECT_EQ(Shard{}.of(3), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Shard, Name) {
  EXPECT_EQ((Shard{2, 8}.name()), "2-of-8");
  EXPECT_EQ(Shard{}.name(), "");
}

TEST_F(ShardSetter, ReadsIndexAndCount) {
  EXPECT_EQ(read("2/8").index, 2);
  EXPECT_EQ(read("2/8").count, 8);
  for (const char* wrong : {"", "3", "0/2", "3/2", "1/0", "a/2", "1/b", "-1/2", "1/2/3", "/2", "auto"})
    EXPECT_THROW(read(wrong), std::invalid_argument) << wrong;
}

TEST_F(ShardSetter, ReadsTheSchedulersVariablesOnRequest) {
  ::setenv("JOB_COMPLETION_INDEX", "0", 1);
  EXPECT_EQ(read("/4").index, 1);
  ::setenv("SLURM_ARRAY_TASK_ID", "7", 1);
  ::setenv("SLURM_ARRAY_TASK_MIN", "5", 1);
  ::setenv("SLURM_ARRAY_TASK_COUNT", "4", 1);
  EXPECT_EQ(read("/4").index, 3);
  EXPECT_EQ(read("auto").index, 3);
  EXPECT_EQ(read("auto").count, 4);
  EXPECT_THROW(read("/2"), std::invalid_argument);  // part 3 of 2
  ::setenv("SLURM_ARRAY_TASK_ID", "x", 1);
  EXPECT_THROW(read("auto"), std::invalid_argument);
}

}  // namespace ldznet::cli
