#pragma once

#include <string>
#include <vector>

#include "ldznet/image.h"

namespace ldznet {

/// The content of a heat map.
struct HeatMap {
  std::string title, row_title, column_title;
  std::vector<std::string> rows, columns;   ///< names
  std::vector<std::vector<double>> values;  ///< [row][column]
};

/// Draws a coloured cell with its value, to one decimal, for each value, the names of rows and columns, the titles, and
/// a colour bar. There must be at least one value.
Image draw_heat_map(const HeatMap& map);

}  // namespace ldznet
