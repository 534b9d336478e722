#include "cli/segment/picture_memory.h"

#include <algorithm>
#include <cstdint>

#include "cli/process/process_memory.h"

namespace ldznet::cli {

void require_memory(const SegmentJob& job, const Pipeline& pipeline, const Image& image, const std::string& name,
                    std::size_t phrases, std::size_t maps) {
  const std::uint64_t pixels = image.rgb.size() / 3;
  const auto needed = [&](int size, int batch_size) {
    SegmentOptions options = job.segment;
    options.batch_size = batch_size;
    // Tiles of one pass share it with the phrases, and the maps of a batch are blended at the same time.
    const bool tiled = job.tiles > 0;
    const std::size_t at_once = tiled ? static_cast<std::size_t>(batch_size) : phrases;
    const std::size_t kept = tiled ? std::max(maps, std::min(at_once, phrases)) : std::min(maps, phrases);
    return pipeline.memory_needed(image.width, image.height, at_once, {size}, options) + kept * pixels * sizeof(float);
  };
  require_memory(name, needed, job.encode.size, job.segment.batch_size);
}

}  // namespace ldznet::cli
