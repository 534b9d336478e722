#include "cli/args/common_options.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "cli/args/option_setters.h"

namespace ldznet::cli {

namespace {

constexpr int kMostSamples = 10000;    // averaging more draws changes nothing one could see
constexpr int kLargestBatch = 4096;    // prompts
constexpr int kLastTimestep = 999999;  // the bundle's noise schedule, which the run asks, ends far earlier

/// "auto", "cpu", "cuda" or "cuda:N"; whether there is such a device is asked when it is used.
Setter device(std::string& variable) {
  return [&variable](const std::string& value) {
    const std::string prefix = "cuda:";
    const std::string index = value.starts_with(prefix) ? value.substr(prefix.size()) : "";
    const bool numbered = !index.empty() && index.size() <= 3 &&
                          std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (value != "auto" && value != "cpu" && value != "cuda" && !numbered)
      throw std::invalid_argument("must be auto, cpu, cuda or cuda:N, not \"" + value + "\"");
    variable = value;
  };
}

}  // namespace

void add_bundle_options(OptionParser& parser, std::string& model, bool& trust_unverified) {
  parser.add({.names = "-m,--model",
              .value = "DIR",
              .help = "Folder of the bundle: networks, vocabulary and manifest.",
              .default_text = "the one that ships with the program",
              .set = string(model)});
  parser.add({.names = "--trust-unverified",
              .help = "Load a bundle's files even when size or sha256 differ from its manifest. They can run code: do "
                      "this only with files that you made yourself.",
              .set = boolean(trust_unverified)});
}

void add_method_option(OptionParser& parser, std::string& method) {
  parser.add({.names = "--method",
              .value = "NAME",
              .help = "Head of the bundle: ldznet, znet or rgbnet.",
              .default_text = "the bundle's best",
              .set = choice(method, {"ldznet", "znet", "rgbnet"})});
}

void add_size_option(OptionParser& parser, EncodeOptions& options) {
  parser.add({.names = "--size",
              .value = "N",
              .help = "Work on about N x N pixels, 1 to 16384; the picture's shape is kept.",
              .default_text = "the bundle's",
              .set = integer(options.size, 1, kLargestSize)});
}

void add_seed_option(OptionParser& parser, std::uint64_t& seed) {
  parser.add({.names = "--seed",
              .value = "S",
              .help = "Seed of the noise; the same command gives the same bytes.",
              .default_text = std::to_string(seed),
              .set = integer(seed, 0, std::numeric_limits<std::uint64_t>::max())});
}

void add_sampling_options(OptionParser& parser, EncodeOptions& encode, SegmentOptions& segment) {
  add_size_option(parser, encode);
  parser.add({.names = "--timestep",
              .value = "T",
              .help = "Step of the noise schedule at which the features are taken.",
              .default_text = "the bundle's",
              .set = integer(segment.timestep, 0, kLastTimestep)});
  add_seed_option(parser, segment.seed);
  parser.add({.names = "--samples",
              .value = "N",
              .help =
                  "Average the probabilities of N draws of the noise, seeds S, S+1, ..., with timesteps spread over "
                  "the bundle's range unless --timestep names one.",
              .default_text = std::to_string(segment.samples),
              .set = integer(segment.samples, 1, kMostSamples)});
}

void add_compute_options(OptionParser& parser, LoadOptions& options, int& batch_size) {
  parser.add({.names = "--device",
              .value = "NAME",
              .help = "auto, cpu, cuda or cuda:N. auto is the first CUDA device, else the CPU.",
              .default_text = options.device,
              .set = device(options.device)});
  parser.add(
      {.names = "--precision",
       .value = "TYPE",
       .help =
           "auto, fp32, bf16 or fp16. auto is fp32 for bundles that ask for it (the shipped one does), else fp16 on "
           "CUDA, bf16 on CPUs that multiply it natively, and fp32 on others; fp16 needs CUDA.",
       .default_text = options.precision,
       .set = choice(options.precision, {"auto", "fp32", "bf16", "fp16"})});
  parser.add({.names = "--threads",
              .value = "N",
              .help = "CPU threads, 1 to 1024.",
              .default_text = "one a core",
              .set = integer(options.threads, 1, 1024)});
  parser.add({.names = "--batch-size",
              .value = "N",
              .help = "Prompts in one pass of the networks, 1 to 4096. Fewer take less memory.",
              .default_text = std::to_string(batch_size),
              .set = integer(batch_size, 1, kLargestBatch)});
}

void add_log_options(OptionParser& parser, LogOptions& options) {
  parser.add({.names = "-q,--quiet", .help = "Say nothing but warnings and errors.", .set = boolean(options.quiet)});
  parser.add({.names = "-v,--verbose", .help = "Say more about what is done.", .set = boolean(options.verbose)});
  parser.exclusive("quiet", "verbose");
}

}  // namespace ldznet::cli
