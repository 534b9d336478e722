#pragma once

#include <optional>

#include "base/stage_timer.h"
#include "bundle/device.h"
#include "bundle/flop_counter.h"
#include "ldznet/pipeline.h"

namespace ldznet {

/// Runs the work of one stage. Unless `costs` is null, adds its wall-clock time to that member of `costs->ms` and, with
/// `costs->count_flop`, its floating-point operations to that of `costs->flop`. Returns what the work returns.
template <typename Work>
auto time_stage(StageCosts* costs, double Stages::*stage, const Backend& backend, Work&& work) {
  if (costs == nullptr) return work();
  std::optional<FlopCounter> counter;
  if (costs->count_flop) counter.emplace();
  const Stopwatch stopwatch;
  auto result = work();
  synchronize(backend);
  costs->ms.*stage += stopwatch.milliseconds();
  if (counter) costs->flop.*stage += counter->flop();
  return result;
}

}  // namespace ldznet
