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

}  // namespace ldznet::cli
