#pragma once

#include "ldznet/error.h"

namespace ldznet::cli {

/// The error of a request in its own words, since it has no command line: where the error begins with an option that a
/// request can set, and anywhere in its hint, the option is named as the request's member, "min_area" for --min-area.
/// The rest of what() stays, since it may quote names of files. The worker's own options stay, too. Sentences of the
/// hint about options that neither has are left out; a hint quotes what users wrote only below its first line.
Error in_request_words(const Error& error);

}  // namespace ldznet::cli
