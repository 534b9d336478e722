#pragma once

#include <cstddef>
#include <deque>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "base/stage_timer.h"
#include "base/task_threads.h"
#include "cli/segment/job.h"
#include "cli/segment/load_picture.h"
#include "cli/segment/settings.h"
#include "ldznet/error.h"
#include "ldznet/pipeline.h"
#include "output/journal.h"

namespace ldznet::cli {

/// What the networks made of a picture.
struct Computed {
  std::vector<Probability> maps;  ///< of all phrases, unless there is an error
  StageCosts costs;
  std::optional<Error> error;
  Stopwatch stopwatch = {};  ///< since the networks began
};

/// A picture whose turn it is.
struct ReadyPicture {
  std::string key;                        ///< in the journal; empty without one
  std::optional<PictureResult> finished;  ///< the result of an earlier run
  DecodedPicture picture;                 ///< no image when `finished` is set and nothing needs the image
  std::optional<Computed> computed;       ///< set when the networks have seen the picture already
};

/// Prepares a run's pictures before their turn: reads and decodes them and, where pictures_at_once() says so, computes
/// the maps of several at a time, each with one CPU thread. Threads that work on one picture together wait for each
/// other at every layer; apart they never wait.
class PicturesAhead {
 public:
  /// All references must outlive it; `journal` may be null. `needs_images`: of finished pictures, too.
  PicturesAhead(const SegmentJob& job, const Pipeline& pipeline, const RunSettings& settings, const Journal* journal,
                bool needs_images);

  /// The next picture in the order of the job's inputs. Throws what reading and decoding it throws. The networks have
  /// not seen a picture from stdin, one whose maps are too large to wait for their turn, or one that ran out of memory.
  ReadyPicture next();

 private:
  std::size_t most_ahead() const;
  void encode_prompts();
  std::future<ReadyPicture> start(std::size_t picture);
  ReadyPicture load(std::size_t picture) const;
  void compute(ReadyPicture& ready, const std::string& name) const;

  const SegmentJob& job_;
  const Pipeline& pipeline_;
  const RunSettings& settings_;
  const Journal* journal_;
  const bool needs_images_;
  const std::size_t at_once_;
  std::size_t started_ = 0;
  std::deque<std::future<ReadyPicture>> ahead_;
  std::optional<TaskThreads> threads_;  // last: they use all of the above
};

}  // namespace ldznet::cli
