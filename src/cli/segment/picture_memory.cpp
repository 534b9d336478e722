#include "cli/segment/picture_memory.h"

#include <algorithm>
#include <cstdint>

#include "cli/process/process_memory.h"

namespace ldznet::cli {

namespace {

// Bytes of a picture's maps; a map of 16 megapixels just fits.
constexpr std::uint64_t kMostKept = std::uint64_t{64} << 20;

}  // namespace

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

std::size_t pictures_at_once(const SegmentJob& job, const Pipeline& pipeline) {
  const auto threads = static_cast<std::size_t>(cpu_threads());
  if (threads == 1 || job.inputs.size() < threads || job.tiles > 0 || pipeline.device() != "cpu") return 1;
  // The working image has about the same number of pixels whatever the picture's size. One more for a picture that has
  // its turn while others are computed.
  const std::uint64_t networks = pipeline.memory_needed(1, 1, job.texts.size(), job.encode, job.segment);
  const std::uint64_t needed = (threads + 1) * networks + kAheadPerThread * threads * kMostKept;
  return needed <= available_memory() ? threads : 1;
}

bool can_keep_maps(const SegmentJob& job, const Image& image) {
  return job.texts.size() * (image.rgb.size() / 3) * sizeof(float) <= kMostKept;
}

}  // namespace ldznet::cli
