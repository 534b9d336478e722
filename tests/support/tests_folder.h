#pragma once

#include <filesystem>

namespace ldznet::test {

/// The folder tests of the source tree.
std::filesystem::path tests_folder();

}  // namespace ldznet::test
