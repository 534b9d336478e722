#include "output/table.h"

#include <gtest/gtest.h>

#include <string>

#include "base/printable.h"

namespace ldznet {
namespace {

TEST(Table, FieldsAreSeparatedByTabs) {
  EXPECT_EQ(tsv_line({"a.png", "red\tcar", 0.5, 12, "m.png"}), "a.png\tred\\tcar\t0.5000\t12\tm.png\n");
  EXPECT_EQ(tsv_line({"a.png", "car", 0.5, 12, "m.png", 3}), "a.png\tcar\t0.5000\t12\tm.png\t3\n");
}

TEST(Table, ColumnsLineUp) {
  AlignedTable table(false);
  table.make_room("a-long-name.png", "panda");
  const std::string one = table.line({"a-long-name.png", "panda", 0.5, 1, "F"});
  const std::string two = table.line({"b.png", "日本", 0.25, 12345, "F"});
  EXPECT_EQ(one.find('F'), display_width(two.substr(0, two.find('F'))));
}

TEST(Table, InstancesHaveAColumn) {
  const AlignedTable table(false, true);
  EXPECT_EQ(table.title().find("instance") + 7, table.line({"a", "b", 0.5, 1, "F", 3}).find('3'));
  EXPECT_EQ(AlignedTable(false).title().find("instance"), std::string::npos);
}

}  // namespace
}  // namespace ldznet
