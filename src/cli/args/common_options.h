#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/args/option_parser.h"

namespace ldznet::cli {

/// Which bundle a command uses and what it runs on.
struct ModelOptions {
  std::string model;               ///< the bundle's folder; empty: $LDZNET_MODEL, else the one that ships
  std::string device = "auto";     ///< "auto", "cpu", "cuda" or "cuda:N"
  std::string precision = "auto";  ///< "auto", "fp32", "bf16" or "fp16"
  int threads = 0;                 ///< CPU threads; 0: one a core
  int batch_size = 8;              ///< prompts in one pass of the networks
  bool trust_unverified = false;   ///< load files that differ from the manifest
};

/// What the networks are given beside picture and prompt.
struct SamplingOptions {
  int size = 0;                 ///< working area is size x size pixels; 0: the bundle's
  std::optional<int> timestep;  ///< unset: the bundle's
  std::uint64_t seed = 0;       ///< of the noise
  int samples = 1;              ///< draws of the noise to average over

  bool operator==(const SamplingOptions&) const = default;
};

/// What a command says while it works, on stderr.
struct LogOptions {
  bool quiet = false;    ///< warnings and errors only
  bool verbose = false;  ///< details, too
};

/// Where a command finds its bundle.
void add_bundle_options(OptionParser& parser, ModelOptions& options);

/// Which of its heads.
void add_method_option(OptionParser& parser, std::string& method);

/// Each of them alone, for commands that have no use for all.
void add_size_option(OptionParser& parser, SamplingOptions& options);
void add_seed_option(OptionParser& parser, SamplingOptions& options);

/// Size, timestep, seed and samples.
void add_sampling_options(OptionParser& parser, SamplingOptions& options);

/// What it runs on.
void add_compute_options(OptionParser& parser, ModelOptions& options);

/// How much it says.
void add_log_options(OptionParser& parser, LogOptions& options);

}  // namespace ldznet::cli
