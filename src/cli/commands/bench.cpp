#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/decimals.h"
#include "base/json_text.h"
#include "base/printable.h"
#include "base/stage_timer.h"
#include "cli/process/decoded_picture.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "output/png.h"

namespace ldznet::cli {

namespace {

using Json = nlohmann::ordered_json;

double sum(const Stages& stages) {
  double total = 0;
  for (const NamedStage& stage : kStages) total += stages.*stage.value;
  return total;
}

/// The result of a benchmark.
struct Measurement {
  double load_ms = 0;
  Stages first;              ///< milliseconds of the first run
  Stages median;             ///< milliseconds: each stage's median of the other runs
  Stages flop;               ///< of the first run; later runs find their prompts' text embeddings in the cache
  double peak = 0;           ///< FLOP per second of large matrix products
  std::uint64_t memory = 0;  ///< peak, bytes

  /// FLOP per second of a stage; 0 for a stage without any.
  double rate(const NamedStage& stage) const {
    const double ms = stage.value == &Stages::text ? first.*stage.value : median.*stage.value;
    return ms > 0 ? 1000 * flop.*stage.value / ms : 0;
  }
};

/// A picture without empty areas, the same in every run.
Image test_picture() {
  constexpr int kWidth = 640, kHeight = 480, kTile = 37;
  Image image{kWidth, kHeight, {}, {}};
  image.rgb.reserve(std::size_t{3} * kWidth * kHeight);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (const int value : {255 * x / kWidth, 255 * y / kHeight, (x / kTile + y / kTile) % 2 * 200})
        image.rgb.push_back(static_cast<std::uint8_t>(value));
  return image;
}

std::vector<std::string> test_prompts(int count) {
  std::vector<std::string> prompts;
  for (int i = 1; i <= count; ++i) prompts.push_back("thing " + std::to_string(i));
  return prompts;
}

/// Everything from a file's bytes to the bytes of its masks' files.
StageCosts run_once(const BenchCommand& command, const Pipeline& pipeline, const std::string& file, bool count_flop) {
  StageCosts costs;
  costs.count_flop = count_flop;
  const DecodedPicture picture =
      decode_picture(std::as_bytes(std::span(file)), command.image.empty() ? "picture" : command.image[0]);
  costs.ms.decode = picture.decode_ms;
  const EncodedImage encoded = pipeline.encode(*picture.image, command.encode, &costs);
  const auto write = [&](std::size_t /*prompt*/, const Probability& map) {
    const StageTimer timer(&costs.ms.write);
    encode_png(apply_threshold(map, pipeline.manifest().threshold));
  };
  pipeline.segment(encoded, test_prompts(command.prompts), command.segment, write, &costs);
  return costs;
}

Stages median_of(const std::vector<Stages>& runs) {
  Stages median;
  for (const NamedStage& stage : kStages) {
    std::vector<double> values;
    for (const Stages& run : runs) values.push_back(run.*stage.value);
    const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), half, values.end());
    median.*stage.value = *half;
  }
  return median;
}

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

Pipeline load(const BenchCommand& command, double* ms) {
  const StageTimer timer(ms);
  return load_pipeline(command.model, command.load, command.segment.method);
}

Measurement measure(const BenchCommand& command, const Pipeline& pipeline, const std::string& file) {
  Measurement measured;
  const StageCosts first = run_once(command, pipeline, file, true);
  measured.first = first.ms;
  measured.flop = first.flop;
  std::vector<Stages> runs;
  for (int i = 0; i < command.runs; ++i) runs.push_back(run_once(command, pipeline, file, false).ms);
  measured.median = median_of(runs);
  measured.memory = peak_memory();
  measured.peak = pipeline.measured_peak();
  return measured;
}

Json bench_json(const BenchCommand& command, const Pipeline& pipeline, const Measurement& measured) {
  Json stages = Json::object();
  for (const NamedStage& stage : kStages) {
    Json& row = stages[stage.name] = {{"first_ms", measured.first.*stage.value}, {"ms", measured.median.*stage.value}};
    if (measured.flop.*stage.value == 0) continue;
    row["flop"] = measured.flop.*stage.value;
    row["flop_per_s"] = measured.rate(stage);
  }
  return {{"schema", "ldznet-bench/1"},
          {"version", LDZNET_VERSION},
          {"model", pipeline.manifest().name + " " + pipeline.manifest().version},
          {"device", pipeline.device()},
          {"precision", pipeline.precision()},
          {"prompts", command.prompts},
          {"batch_size", command.segment.batch_size},
          {"runs", command.runs},
          {"load_ms", measured.load_ms},
          {"stages", stages},
          {"total", {{"first_ms", sum(measured.first)}, {"ms", sum(measured.median)}, {"flop", sum(measured.flop)}}},
          {"matrix_flop_per_s", measured.peak},
          {"peak_memory_bytes", measured.memory}};
}

/// A row of the table: a name and right-aligned numbers.
std::string row(const std::string& name, const std::vector<std::string>& numbers) {
  std::array<char, 64> cell{};
  std::snprintf(cell.data(), cell.size(), "%-12s", name.c_str());
  std::string line = cell.data();
  for (const std::string& number : numbers) {
    std::snprintf(cell.data(), cell.size(), "%11s", number.c_str());
    line += cell.data();
  }
  return line + "\n";
}

std::string bench_table(const BenchCommand& command, const Pipeline& pipeline, const Measurement& measured) {
  constexpr double kGiga = 1e9;
  const Manifest& manifest = pipeline.manifest();
  std::string text = printable(manifest.name + " " + manifest.version) + ", " + pipeline.device() + ", " +
                     pipeline.precision() + ", prompts: " + std::to_string(command.prompts) + "\n\n";
  text += row("stage", {"first ms", "median ms", "GFLOP", "GFLOP/s", "of peak"});
  text += row("load", {decimals(measured.load_ms)});
  for (const NamedStage& stage : kStages) {
    std::vector<std::string> numbers = {decimals(measured.first.*stage.value), decimals(measured.median.*stage.value)};
    const double rate = measured.rate(stage);
    if (rate > 0)
      numbers.insert(numbers.end(), {decimals(measured.flop.*stage.value / kGiga), decimals(rate / kGiga),
                                     decimals(100 * rate / measured.peak) + " %"});
    text += row(stage.name, numbers);
  }
  text += row("total",
              {decimals(sum(measured.first)), decimals(sum(measured.median)), decimals(sum(measured.flop) / kGiga)});
  return text + "\nlarge matrix products: " + decimals(measured.peak / kGiga) +
         " GFLOP/s\npeak memory: " + decimals(static_cast<double>(measured.memory) / 1e6) + " MB\n";
}

}  // namespace

int run(const BenchCommand& command) {
  const std::string file = command.image.empty() ? encode_png(test_picture()) : read_picture_file(command.image[0]);
  double load_ms = 0;
  const Pipeline pipeline = load(command, &load_ms);
  pipeline.check(command.segment);
  Measurement measured = measure(command, pipeline, file);
  measured.load_ms = load_ms;
  write_stdout(command.json ? json_text(bench_json(command, pipeline, measured)) + "\n"
                            : bench_table(command, pipeline, measured));
  return 0;
}

}  // namespace ldznet::cli
