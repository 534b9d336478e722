#include "cli/common_options.h"

#include <algorithm>
#include <stdexcept>

#include "cli/values.h"

namespace ldznet::cli {

namespace {

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

void add_bundle_options(Flags& flags, ModelOptions& options) {
  flags.add({.names = "-m,--model",
             .value = "DIR",
             .help = "Folder of the bundle: networks, vocabulary and manifest.",
             .fallback = "the one that ships with the program",
             .set = text(options.model)});
  flags.add({.names = "--trust-unverified",
             .help = "Load a bundle's files even when size or sha256 differ from its manifest. They can run code: do "
                     "this only with files that you made yourself.",
             .set = yes_or_no(options.trust_unverified)});
}

void add_compute_options(Flags& flags, ModelOptions& options) {
  flags.add({.names = "--device",
             .value = "NAME",
             .help = "auto, cpu, cuda or cuda:N. auto is the first CUDA device, else the CPU.",
             .fallback = options.device,
             .set = device(options.device)});
  flags.add({.names = "--precision",
             .value = "TYPE",
             .help = "auto, fp32, bf16 or fp16. auto is fp16 on CUDA and fp32 on the CPU; fp16 needs CUDA.",
             .fallback = options.precision,
             .set = one_of(options.precision, {"auto", "fp32", "bf16", "fp16"})});
  flags.add({.names = "--threads",
             .value = "N",
             .help = "CPU threads, 1 to 1024.",
             .fallback = "one a core",
             .set = whole(options.threads, 1, 1024)});
}

void add_talk_options(Flags& flags, TalkOptions& options) {
  flags.add({.names = "-q,--quiet", .help = "Say nothing but warnings and errors.", .set = yes_or_no(options.quiet)});
  flags.add({.names = "-v,--verbose", .help = "Say more about what is done.", .set = yes_or_no(options.verbose)});
  flags.exclusive("quiet", "verbose");
}

}  // namespace ldznet::cli
