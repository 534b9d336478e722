#pragma once

#include <cstdint>
#include <string>

#include "cli/args/option_parser.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// What a command says while it works, on stderr.
struct LogOptions {
  bool quiet = false;    ///< warnings and errors only
  bool verbose = false;  ///< details, too
};

/// --model, --trust-unverified. `model` is the bundle's folder; empty: $LDZNET_MODEL, else the one that ships.
void add_bundle_options(OptionParser& parser, std::string& model, bool& trust_unverified);

/// --method
void add_method_option(OptionParser& parser, std::string& method);

/// --size
void add_size_option(OptionParser& parser, EncodeOptions& options);

/// --seed
void add_seed_option(OptionParser& parser, std::uint64_t& seed);

/// --size, --timestep, --seed, --samples
void add_sampling_options(OptionParser& parser, EncodeOptions& encode, SegmentOptions& segment);

/// --device, --precision, --threads, --batch-size
void add_compute_options(OptionParser& parser, LoadOptions& options, int& batch_size);

/// --quiet, --verbose
void add_log_options(OptionParser& parser, LogOptions& options);

}  // namespace ldznet::cli
