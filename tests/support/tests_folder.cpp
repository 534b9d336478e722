#include "support/tests_folder.h"

namespace ldznet::test {

// Only this file is compiled with the path, so that a compiler cache serves the others in every checkout.
std::filesystem::path tests_folder() { return LDZNET_TESTS_FOLDER; }

}  // namespace ldznet::test
