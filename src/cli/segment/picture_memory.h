#pragma once

#include <cstddef>
#include <string>

#include "cli/segment/job.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"

namespace ldznet::cli {

/// Throws Error(out_of_memory) unless there is enough memory to segment the picture as the job says, for this number of
/// phrases. At most `maps` finished maps wait for what is done with them. `name` is the picture's in messages.
void require_memory(const SegmentJob& job, const Pipeline& pipeline, const Image& image, const std::string& name,
                    std::size_t phrases, std::size_t maps);

/// Pictures that a run prepares before their turn, for each that the networks work on at a time.
constexpr std::size_t kAheadPerThread = 2;

/// How many pictures the networks work on at a time: one per CPU thread if the run has so many and there is memory for
/// all of them; else one. Tiles and GPUs have a picture to themselves.
std::size_t pictures_at_once(const SegmentJob& job, const Pipeline& pipeline);

/// Whether the maps of all phrases are so small that they can wait until it is the picture's turn.
bool can_keep_maps(const SegmentJob& job, const Image& image);

}  // namespace ldznet::cli
