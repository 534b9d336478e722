#pragma once

#include <string>

#include "cli/flags.h"

namespace ldznet::cli {

/// Which bundle a command uses and what it runs on.
struct ModelOptions {
  std::string model;               ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  std::string device = "auto";     ///< "auto", "cpu", "cuda" or "cuda:N"
  std::string precision = "auto";  ///< "auto", "fp32", "bf16" or "fp16"
  int threads = 0;                 ///< CPU threads; 0: one a core
  bool trust_unverified = false;   ///< load files that differ from the manifest
};

/// What a command says while it works, on stderr.
struct TalkOptions {
  bool quiet = false;    ///< warnings and errors only
  bool verbose = false;  ///< details, too
};

/// Where a command finds its bundle.
void add_bundle_options(Flags& flags, ModelOptions& options);

/// What it runs on.
void add_compute_options(Flags& flags, ModelOptions& options);

/// How much it says.
void add_talk_options(Flags& flags, TalkOptions& options);

}  // namespace ldznet::cli
