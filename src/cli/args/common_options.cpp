#include "cli/args/common_options.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "base/methods.h"
#include "base/text.h"
#include "cli/args/option_setters.h"

namespace ldznet::cli {

namespace {

constexpr int kMostSamples = 10000;    // averaging more draws makes no visible difference
constexpr int kLargestBatch = 4096;    // prompts
constexpr int kLastTimestep = 999999;  // Pipeline::check() compares with the bundle's noise schedule, which is shorter

/// "auto", "cpu", "cuda" or "cuda:N". Whether the device exists is checked when the bundle is loaded.
Setter device(std::string& variable) {
  return {[&variable](const std::string& value) {
            const std::string prefix = "cuda:";
            const std::string index = value.starts_with(prefix) ? value.substr(prefix.size()) : "";
            const bool numbered = !index.empty() && index.size() <= 3 &&
                                  std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
            if (value != "auto" && value != "cpu" && value != "cuda" && !numbered)
              throw std::invalid_argument("must be auto, cpu, cuda or cuda:N, not \"" + value + "\"");
            variable = value;
          },
          {"auto", "cpu", "cuda"}};
}

}  // namespace

void add_bundle_options(OptionParser& parser, std::string& model, bool& trust_unverified) {
  parser.add({.names = "-m,--model",
              .value = "DIR",
              .help = "Folder of the bundle: networks, vocabulary and manifest.",
              .default_text = "the bundle that ships with the program",
              .set = string(model)});
  parser.add({.names = "--trust-unverified",
              .help = "Load the bundle's files even when their size or sha256 differs from its manifest. These files "
                      "can run code: use this only for files that you made yourself.",
              .set = boolean(trust_unverified)});
}

void add_method_option(OptionParser& parser, std::string& method) {
  parser.add({.names = "--method",
              .value = "NAME",
              .help = "Mask head to use: " + joined(method_names(), " or ") + ".",
              .default_text = "the bundle's best",
              .set = choice(method, method_names())});
}

void add_methods_option(OptionParser& parser, std::vector<std::string>& methods, const std::string& help,
                        const std::string& default_text) {
  parser.add({.names = "--methods",
              .value = "NAMES",
              .help = help + " Comma-separated: " + joined(method_names(), " or ") + ".",
              .default_text = default_text,
              .set = choice_list(methods, method_names()),
              .repeatable = true});
}

void add_size_option(OptionParser& parser, EncodeOptions& options) {
  parser.add({.names = "--size",
              .value = "N",
              .help = "Resize the picture to an area of about N x N pixels for the networks, 1 to 16384; its aspect "
                      "ratio is kept.",
              .default_text = "the bundle's",
              .set = integer(options.size, 1, kLargestSize)});
}

void add_seed_option(OptionParser& parser, std::uint64_t& seed) {
  parser.add({.names = "--seed",
              .value = "S",
              .help = "Seed of the noise. The same command always writes the same bytes.",
              .default_text = std::to_string(seed),
              .set = integer(seed, 0, std::numeric_limits<std::uint64_t>::max())});
}

void add_sampling_options(OptionParser& parser, EncodeOptions& encode, SegmentOptions& segment) {
  add_size_option(parser, encode);
  parser.add({.names = "--timestep",
              .value = "T",
              .help = "Step of the noise schedule at which the UNet's features are read. One outside the range that "
                      "ldznet info prints gets a warning.",
              .default_text = "the bundle's",
              .set = integer(segment.timestep, 0, kLastTimestep)});
  add_seed_option(parser, segment.seed);
  parser.add({.names = "--samples",
              .value = "N",
              .help = "Average the probabilities over N draws of the noise, with seeds S, S+1, ... and, unless "
                      "--timestep is given, timesteps spread over the bundle's range.",
              .default_text = std::to_string(segment.samples),
              .set = integer(segment.samples, 1, kMostSamples)});
}

void add_compute_options(OptionParser& parser, LoadOptions& options, int& batch_size) {
  parser.add({.names = "--device",
              .value = "NAME",
              .help = "auto, cpu, cuda or cuda:N. auto is the first CUDA device, or else the CPU.",
              .default_text = options.device,
              .set = device(options.device)});
  parser.add({.names = "--precision",
              .value = "TYPE",
              .help = "auto, fp32, bf16 or fp16. auto is fp32 for bundles that ask for it (the shipped one does); for "
                      "others fp16 on CUDA, bf16 on CPUs with native bf16 multiplication, and fp32 elsewhere. fp16 "
                      "needs CUDA.",
              .default_text = options.precision,
              .set = choice(options.precision, {"auto", "fp32", "bf16", "fp16"})});
  parser.add({.names = "--threads",
              .value = "N",
              .help = "CPU threads, 1 to 1024.",
              .default_text = "one per core",
              .set = integer(options.threads, 1, 1024)});
  parser.add({.names = "--batch-size",
              .value = "N",
              .help = "Prompts per pass of the networks, 1 to 4096. Smaller batches take less memory.",
              .default_text = std::to_string(batch_size),
              .set = integer(batch_size, 1, kLargestBatch)});
  parser.add({.names = "--verify",
              .help = "Compute the sha256 of all files of the bundle, even of those that had the right one before and "
                      "have not changed since.",
              .set = negated_boolean(options.remember)});
}

void add_max_pixels_option(OptionParser& parser, std::uint64_t& max_pixels) {
  constexpr std::uint64_t kMostAllowed = 10'000'000'000;
  parser.add({.names = "--max-pixels",
              .value = "N",
              .help = "Refuse pictures with more pixels before they are decoded, 1 to 10000000000.",
              .default_text = std::to_string(max_pixels),
              .set = integer(max_pixels, 1, kMostAllowed)});
}

void add_feature_options(OptionParser& parser, std::vector<std::string>& taps, const std::string& default_taps,
                         std::vector<int>& timesteps, const std::string& default_timesteps) {
  parser.add({.names = "--taps",
              .value = "NAMES",
              .help = "UNet blocks, comma-separated; ldznet info --json lists all of them.",
              .default_text = default_taps,
              .set = string_list(taps),
              .repeatable = true});
  parser.add({.names = "--timesteps",
              .value = "LIST",
              .help = "Steps of the noise schedule at which features are read, comma-separated.",
              .default_text = default_timesteps,
              .set = integer_list(timesteps, 0, kLastTimestep),
              .repeatable = true});
}

void add_limit_option(OptionParser& parser, int& limit) {
  parser.add({.names = "--limit",
              .value = "N",
              .help = "Use only the first N samples of the data set.",
              .default_text = "all",
              .set = integer(limit, 1, std::numeric_limits<int>::max())});
}

void add_json_file_option(OptionParser& parser, std::optional<std::string>& file, const std::string& help,
                          const std::vector<std::string>& endings) {
  parser.add({.names = "--json",
              .value = "FILE",
              .help = help + " FILE must end in " + joined(endings, " or ") + "; write any other name as --json=FILE.",
              .set = string(file),
              .implicit_value = "-",
              .value_endings = endings});
}

void add_json_option(OptionParser& parser, bool& json) {
  parser.add({.names = "--json", .help = "Print one JSON object instead of text.", .set = boolean(json)});
}

void add_overwrite_option(OptionParser& parser, bool& overwrite) {
  parser.add({.names = "--overwrite",
              .help = "Replace existing files. Without this option an existing output file is an error before any work "
                      "starts.",
              .set = boolean(overwrite)});
}

void add_log_options(OptionParser& parser, LogOptions& options) {
  parser.add({.names = "-q,--quiet", .help = "Print only warnings and errors.", .set = boolean(options.quiet)});
  parser.add({.names = "-v,--verbose", .help = "Print more details.", .set = boolean(options.verbose)});
  parser.exclusive("quiet", "verbose");
}

void add_no_progress_option(OptionParser& parser, bool& no_progress) {
  parser.add({.names = "--no-progress",
              .help = "Do not show progress. It is only shown on a terminal anyway.",
              .set = boolean(no_progress)});
}

}  // namespace ldznet::cli
