#pragma once

#include <cstddef>

#include "ldznet/image.h"
#include "ldznet/mask.h"
#include "output/picture_result.h"

namespace ldznet {

/// A file about a whole run that grows picture by picture: a COCO data set, a report and so on. It appears whole, or
/// not at all.
///
/// Calls for every picture: `add_mask` for its masks in order (while that mask is in memory; the masks are not kept),
/// then `add`. After the last picture: `finish`. All throw Error(cannot_write).
class RunWriter {
 public:
  RunWriter() = default;
  RunWriter(const RunWriter&) = delete;
  RunWriter& operator=(const RunWriter&) = delete;
  virtual ~RunWriter() = default;

  /// Whether the writer needs `add_mask`; if not, masks of resumed pictures are not decoded for it.
  virtual bool needs_masks() const { return false; }

  /// Whether the writer needs the picture itself in `add`, even of a resumed picture.
  virtual bool needs_images() const { return false; }

  /// The mask, which is not empty, of the result number `number`, from 0, of the picture that the next `add` is about.
  /// `result` has no files yet. The picture may still fail.
  virtual void add_mask([[maybe_unused]] std::size_t number, [[maybe_unused]] const PromptResult& result,
                        [[maybe_unused]] const Mask& mask) {}

  /// A picture's result or error. `image` is null when the picture could not be read or is not needed.
  virtual void add(const PictureResult& picture, const Image* image) = 0;

  /// Completes the file and moves it into place.
  virtual void finish() = 0;
};

}  // namespace ldznet
