#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/stage_timer.h"
#include "base/task_threads.h"
#include "cli/process/progress.h"
#include "cli/segment/job.h"
#include "cli/segment/picture_writer.h"
#include "cli/segment/settings.h"
#include "ldznet/error.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "output/journal.h"
#include "output/run_writer.h"

namespace ldznet::cli {

/// The part of a `segment` run after the networks: writes the pictures' files and reports the results. It works in a
/// thread of its own, in order, so that the networks do not wait for the disk.
///
/// Every picture is either added as a whole, or opened, given its probability maps and closed, one picture after the
/// other. Any call may rethrow the error that ended the run.
class OutputThread {
 public:
  static constexpr std::size_t kQueuedTasks = 2;  ///< each may hold a map: a longer queue would only fill the memory
  static constexpr std::size_t kMapsAtOnce = kQueuedTasks + 1;  ///< with the one whose files are being written

  /// `job` and `settings` must outlive it; `journal` may be null. Holds the folders of the plans while there is a
  /// journal, that is, in runs of many pictures. Throws Error(cannot_write).
  OutputThread(const SegmentJob& job, const RunSettings& settings, Journal* journal);

  /// A picture on its way from the networks to its files.
  struct OpenPicture {
    std::string key;  ///< in the journal
    std::shared_ptr<const Image> image;
    PictureWriter writer;
    Stopwatch stopwatch;  ///< since the networks began
  };
  using Picture = std::shared_ptr<OpenPicture>;

  /// Opens the job's input number `picture`. `stopwatch` tells its total time, without decoding.
  Picture open(std::size_t picture, std::shared_ptr<const Image> image, std::string key, const Stopwatch& stopwatch);

  /// Adds the probabilities of the job's next phrase.
  void add(const Picture& picture, Probability phrase);

  /// Shows how many of the tiles of the open picture are segmented.
  void show_tiles(std::size_t done, std::size_t all);

  /// `times` are the networks' milliseconds, `error` their failure, if any.
  void close(const Picture& picture, const Stages& times, const std::optional<Error>& error);

  /// Adds a picture that an earlier run has finished; `image` may be null unless `needs_images()`.
  void add_finished(PictureResult result, std::shared_ptr<const Image> image);

  /// Adds a picture that could not be read.
  void add_failed(std::size_t picture, const Error& error);

  /// Whether finished pictures are needed as images, too.
  bool needs_images() const;

  /// Waits for all pictures and completes the run-wide files.
  void finish();

  /// Like finish(), after an error has ended the run: logs further errors and drops the one that is already being
  /// reported.
  void finish_after_error();

  std::size_t done() const { return done_; }
  std::size_t skipped() const { return skipped_; }
  std::size_t masks() const { return masks_; }
  std::size_t empty_masks() const { return empty_masks_; }

  /// Pictures that failed so far. A failure of the networks counts at once, a failure of the output when it happens.
  std::size_t failed() const { return failed_; }

  /// The code of the first failed picture in the order of the pictures; call after `finish`.
  ErrorCode first_failure() const { return first_failure_.value_or(ErrorCode::internal); }

 private:
  /// Posts work that writes files.
  void post(std::function<void()> work);
  void check_folders() const;
  void add_masks(const PictureResult& picture);
  void add_result(const PictureResult& result, const Image* image);
  void finish_writers();

  const SegmentJob& job_;
  const RunSettings& settings_;
  Journal* journal_;
  const std::vector<std::unique_ptr<RunWriter>> writers_;
  std::vector<RunWriter*> mask_writers_;  ///< those of them that need masks
  bool writers_finished_ = false;
  Progress progress_;
  std::atomic<std::size_t> done_ = 0, failed_ = 0, skipped_ = 0, masks_ = 0, empty_masks_ = 0;
  std::optional<ErrorCode> first_failure_;
  TaskThreads task_thread_;  // last: its thread uses all of the above
};

}  // namespace ldznet::cli
