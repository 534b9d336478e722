// Times of the pipeline's stages where the command line, and with it `ldznet bench`, cannot be built.
//
//     ldznet_pipeline_bench BUNDLE DEVICE PRECISION RUNS PROMPTS...
//
// Prints a line of JSON for each number of prompts, which are one batch: milliseconds of every run by stage, after one
// that is not counted; floating-point operations by stage; peak memory; and the rate of large matrix products.

#include <c10/core/CachingDeviceAllocator.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/stage_timer.h"
#include "ldznet/error.h"
#include "ldznet/pipeline.h"

namespace ldznet {
namespace {

using Json = nlohmann::ordered_json;

/// Noise of side x side pixels.
Image noise_picture(int side, unsigned seed) {
  std::mt19937 random(seed);
  Image image{side, side, {}, {}};
  image.rgb.resize(std::size_t{3} * side * side);
  for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(random());
  return image;
}

Json by_stage(const Stages& stages) {
  Json object;
  for (const NamedStage& stage : {kStages[2], kStages[3], kStages[4], kStages[5]})
    object[stage.name] = stages.*stage.value;
  return object;
}

/// The peak of the memory on the device since reset_peak(), in bytes.
std::int64_t peak_memory(bool cuda) {
  if (cuda) return c10::getDeviceAllocator(c10::kCUDA)->getDeviceStats(0).allocated_bytes[0].peak;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

void reset_peak(bool cuda) {
  if (cuda) c10::getDeviceAllocator(c10::kCUDA)->resetPeakStats(0);
}

void run(const std::vector<std::string>& arguments) {
  LoadOptions load;
  load.device = arguments.at(1);
  load.precision = arguments.at(2);
  const Stopwatch loading;
  const Pipeline pipeline = Pipeline::load(arguments.at(0), load);
  const double load_ms = loading.milliseconds();
  const bool cuda = pipeline.device() != "cpu";
  const double peak = pipeline.measured_peak();
  const int side = static_cast<int>(std::sqrt(pipeline.manifest().image_area));
  for (std::size_t i = 4; i < arguments.size(); ++i) {
    SegmentOptions options;
    options.batch_size = std::stoi(arguments[i]);
    std::vector<std::string> prompts;
    for (int k = 0; k < options.batch_size; ++k) prompts.push_back("thing " + std::to_string(k));
    reset_peak(cuda);
    const auto once = [&](unsigned seed, bool count_flop) {
      StageCosts costs;
      costs.count_flop = count_flop;
      pipeline.segment(pipeline.encode(noise_picture(side, seed), {}, &costs), prompts, options, &costs);
      return costs;
    };
    const StageCosts first = once(0, true);
    Json runs = Json::array();
    for (int n = 1; n <= std::stoi(arguments[3]); ++n) runs.push_back(by_stage(once(n, false).ms));
    const Json line = {{"device", pipeline.device()},
                       {"precision", pipeline.precision()},
                       {"prompts", options.batch_size},
                       {"load_ms", load_ms},
                       {"runs_ms", runs},
                       {"flop", by_stage(first.flop)},
                       {"matrix_flop_per_s", peak},
                       {"peak_memory_bytes", peak_memory(cuda)}};
    std::printf("%s\n", line.dump().c_str());
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace ldznet

int main(int count, char** values) {
  try {
    if (count < 6) throw std::invalid_argument("usage: ldznet_pipeline_bench BUNDLE DEVICE PRECISION RUNS PROMPTS...");
    ldznet::run({values + 1, values + count});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ldznet_pipeline_bench: %s\n", error.what());
    return 1;
  }
}
