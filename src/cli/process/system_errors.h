#pragma once

#include <system_error>

#include "ldznet/error.h"

namespace ldznet::cli {

/// What the standard library reports about files and threads, as an Error: `missing_input` for a path that cannot be
/// looked up (its folder was removed, a name that is too long, a loop of links), `out_of_memory` when the system starts
/// no more threads, else `internal`.
Error as_error(const std::system_error& error);

}  // namespace ldznet::cli
