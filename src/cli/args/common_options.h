#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/option_parser.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// The folder for output files if --output does not name one.
constexpr const char* kDefaultOutput = "ldznet-out";

/// How much a command reports on stderr.
struct LogOptions {
  bool quiet = false;    ///< warnings and errors only
  bool verbose = false;  ///< details as well
};

// Each function adds the options that it names. The options keep references to the variables.

/// --model and --trust-unverified. `model` is the bundle's folder; empty: $LDZNET_MODEL, else the bundle that ships.
void add_bundle_options(OptionParser& parser, std::string& model, bool& trust_unverified);

/// --method
void add_method_option(OptionParser& parser, std::string& method);

/// --methods
void add_methods_option(OptionParser& parser, std::vector<std::string>& methods, const std::string& help,
                        const std::string& default_text);

/// --size
void add_size_option(OptionParser& parser, EncodeOptions& options);

/// --seed
void add_seed_option(OptionParser& parser, std::uint64_t& seed);

/// --size, --timestep, --seed and --samples
void add_sampling_options(OptionParser& parser, EncodeOptions& encode, SegmentOptions& segment);

/// --device, --precision, --threads, --batch-size and --verify
void add_compute_options(OptionParser& parser, LoadOptions& options, int& batch_size);

/// --max-pixels
void add_max_pixels_option(OptionParser& parser, std::uint64_t& max_pixels);

/// --taps and --timesteps
void add_feature_options(OptionParser& parser, std::vector<std::string>& taps, const std::string& default_taps,
                         std::vector<int>& timesteps, const std::string& default_timesteps);

/// --limit
void add_limit_option(OptionParser& parser, int& limit);

/// --json [FILE], whose value may follow after a space only when it has one of the `endings`. `file` becomes "-" for
/// stdout when --json has no value.
void add_json_file_option(OptionParser& parser, std::optional<std::string>& file, const std::string& help,
                          const std::vector<std::string>& endings);

/// --json as a switch
void add_json_option(OptionParser& parser, bool& json);

/// --overwrite
void add_overwrite_option(OptionParser& parser, bool& overwrite);

/// --quiet and --verbose
void add_log_options(OptionParser& parser, LogOptions& options);

/// --no-progress
void add_no_progress_option(OptionParser& parser, bool& no_progress);

}  // namespace ldznet::cli
