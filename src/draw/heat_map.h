#pragma once

#include <span>
#include <string>
#include <vector>

#include "ldznet/image.h"

namespace ldznet {

/// A table of figures as a picture: a coloured cell with its figure for each, names of rows and columns, a title, and a
/// bar that says which colour stands for what.
struct HeatMap {
  std::string title, row_title, column_title;
  std::vector<std::string> rows, columns;   ///< names
  std::vector<std::vector<double>> values;  ///< [row][column]
};

Image draw(const HeatMap& map);

}  // namespace ldznet
