#pragma once

#include "ldznet/error.h"

namespace ldznet::cli {

/// The error of a request in its own words, since it has no command line: an option that a request can set is named as
/// its member, "min_area" for --min-area. The worker's own options stay as they are. Sentences of the hint about
/// options that neither has are left out.
Error in_request_words(const Error& error);

}  // namespace ldznet::cli
