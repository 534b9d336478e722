#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/log.h"
#include "base/stage_timer.h"
#include "cli/findings.h"
#include "cli/interrupt.h"
#include "cli/networks.h"
#include "cli/reading.h"
#include "cli/run.h"
#include "cli/segment_job.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "mask/label_map.h"
#include "output/coco.h"
#include "output/picture_files.h"
#include "output/progress.h"
#include "output/standard_output.h"

namespace ldznet::cli {

namespace {

constexpr std::size_t kLargestPicture = std::size_t{512} << 20;  // bytes of an encoded picture on stdin

/// What the options mean for this bundle.
struct Settings {
  EncodeOptions encode;
  SegmentOptions segment;
  MaskOptions mask;
  ToldOptions told;
  RunFacts facts;
};

Settings settings_for(const SegmentCommand& command, const Manifest& manifest) {
  Settings settings;
  settings.encode.size = command.sampling.size;
  settings.segment = segment_options(command.model, command.sampling, command.method);
  settings.mask = {.threshold = command.threshold.value_or(manifest.threshold),
                   .min_area = command.min_area,
                   .fill_holes = command.fill_holes,
                   .largest = command.largest};
  settings.told = {.counts = command.json || !command.coco.empty() || !command.coco_results.empty(),
                   .boxes = command.json && command.boxes,
                   .polygons = command.json && command.polygons};
  RunFacts& facts = settings.facts;
  facts.model_name = manifest.name;
  facts.model_version = manifest.version;
  facts.model_sha256 = manifest.sha256;
  facts.method = command.method.empty() ? manifest.default_method : command.method;
  facts.timestep = only_timestep(command.sampling, manifest);
  facts.seed = command.sampling.seed;
  facts.samples = command.sampling.samples;
  facts.threshold = settings.mask.threshold;
  return settings;
}

/// "a.png: decode 2, vae 40, text 3, unet 80, znet 90, write 5, in all 221 ms"
std::string times_text(const PictureFacts& facts) {
  const auto whole = [](double ms) { return std::to_string(std::lround(ms)); };
  const StageTimes& times = facts.times;
  return facts.image + ": decode " + whole(times.decode) + ", vae " + whole(times.vae) + ", text " + whole(times.text) +
         ", unet " + whole(times.unet) + ", znet " + whole(times.znet) + ", write " + whole(times.write) + ", in all " +
         whole(facts.total_ms) + " ms";
}

/// A `segment` run after its planning: picture by picture, from the file to the files.
class SegmentRun {
 public:
  SegmentRun(const SegmentCommand& command, const SegmentJob& job)
      : command_(command),
        job_(job),
        pipeline_(load_pipeline(command.model,
                                command.method.empty() ? std::vector<std::string>() : std::vector{command.method})),
        settings_(settings_for(command, pipeline_.manifest())),
        files_(job.prompts),
        coco_(job.prompts),
        results_(job.report, settings_.facts, command.json.value_or(""), colors_wanted(!command.no_color)),
        progress_(job.inputs.size(), stderr_is_terminal() && !command.no_progress && !command.talk.quiet) {
    pipeline_.check(settings_.segment);
    for (const Input& input : job.inputs)
      for (const std::string& prompt : job.prompts) results_.make_room(input.name, prompt);
  }

  /// Works through all pictures. What is finished when something stops it stays, and is told of.
  int run() {
    try {
      for (std::size_t picture = 0; picture < job_.inputs.size() && InterruptWatch::signal() == 0; ++picture) {
        progress_.show();
        const bool failed = !do_picture(picture);
        progress_.advance();
        if (failed && command_.fail_fast) break;
      }
    } catch (...) {
      keep_results();
      throw;
    }
    progress_.hide();
    finish();
    return exit_code();
  }

 private:
  /// Writes what is said about all pictures together.
  void finish() {
    results_.finish();
    if (!command_.coco.empty()) write_file(command_.coco, coco_.data_set());
    if (!command_.coco_results.empty()) write_file(command_.coco_results, coco_.results());
  }

  /// Writes what is finished, on the way out with an error that shall not be hidden by another.
  void keep_results() {
    try {
      finish();
    } catch (const Error& error) {
      log::error(message(error));
    }
  }

  /// True when the picture went well. Throws what ends the run.
  bool do_picture(std::size_t picture) {
    const Input& input = job_.inputs[picture];
    PictureFacts facts;
    facts.image = input.name;
    try {
      const StageTimer total(&facts.total_ms);
      segment_picture(picture, facts);
    } catch (const Error& error) {
      facts.error = error;
    } catch (const std::bad_alloc&) {
      facts.error = Error(ErrorCode::out_of_memory, input.name + ": memory ran out",
                          "Use a smaller --size, a smaller --batch-size, or fewer prompts at a time.");
    }
    if (facts.error) {
      facts.results.clear();
      facts.files.clear();
    }
    progress_.hide();
    results_.add(facts);
    coco_.add(facts);
    log::debug(times_text(facts));
    if (!facts.error) return true;
    if (ends_run(facts.error->code())) throw *facts.error;
    log::error(message(*facts.error));
    if (failed_++ == 0) first_failure_ = facts.error->code();
    return false;
  }

  /// Failures that say something about the picture let the run go on; all others would meet the next picture, too.
  static bool ends_run(ErrorCode code) {
    return code != ErrorCode::bad_image && code != ErrorCode::missing_input && code != ErrorCode::out_of_memory;
  }

  /// Image -> masks -> files.
  void segment_picture(std::size_t picture, PictureFacts& facts) {
    const Image image = decode(job_.inputs[picture], facts);
    const EncodedImage encoded = pipeline_.encode(image, settings_.encode, &facts.times);
    const bool labels_wanted = is_wanted(Kind::labels);
    LabelMapMaker labels;
    const auto take = [&](std::size_t prompt, Probability probability) {
      const Finding finding = find(std::move(probability), settings_.mask);
      ResultFacts& result = facts.results.emplace_back(describe(job_.prompts[prompt], finding, settings_.told));
      if (labels_wanted) labels.add(finding.probability, finding.mask);
      const StageTimer write(&facts.times.write);
      if (job_.plan) result.files = files_.write(*job_.plan, picture, prompt, image, finding);
      if (job_.stdout_picture && !labels_wanted)
        write_stdout(files_.encode(*job_.stdout_picture, prompt, image, finding));
    };
    pipeline_.segment(encoded, job_.texts, settings_.segment, take, &facts.times);
    if (!labels_wanted) return;
    const StageTimer write(&facts.times.write);
    if (job_.plan) facts.files = files_.write(*job_.plan, picture, image, labels.map());
    if (job_.stdout_picture) write_stdout(files_.encode(image, labels.map()));
  }

  bool is_wanted(Kind kind) const {
    if (job_.stdout_picture) return *job_.stdout_picture == kind;
    return job_.plan &&
           std::find(job_.plan->kinds().begin(), job_.plan->kinds().end(), kind) != job_.plan->kinds().end();
  }

  static Image decode(const Input& input, PictureFacts& facts) {
    const StageTimer timer(&facts.times.decode);
    Image image;
    if (input.path.empty()) {
      const std::string bytes = read_stdin(kLargestPicture);
      image = decode_image(std::as_bytes(std::span(bytes)), "stdin");
    } else {
      image = read_image(input.path);
    }
    for (const std::string& warning : image.warnings) log::warn(input.name + ": " + warning);
    facts.width = image.width;
    facts.height = image.height;
    return image;
  }

  int exit_code() const {
    if (InterruptWatch::signal() != 0) {
      log::warn("interrupted after " + std::to_string(progress_.done()) + " of " + std::to_string(job_.inputs.size()) +
                " pictures; what is finished is kept");
      return InterruptWatch::exit_code();
    }
    if (failed_ == 0) return 0;
    if (job_.inputs.size() == 1) return static_cast<int>(first_failure_);
    log::warn(std::to_string(failed_) + " of " + std::to_string(job_.inputs.size()) + " pictures failed");
    return 1;
  }

  const SegmentCommand& command_;
  const SegmentJob& job_;
  Pipeline pipeline_;
  Settings settings_;
  PictureFiles files_;
  CocoWriter coco_;
  Results results_;
  Progress progress_;
  std::size_t failed_ = 0;
  ErrorCode first_failure_ = ErrorCode::internal;
};

}  // namespace

int run(const SegmentCommand& command) {
  const SegmentJob job = plan_job(command);
  prepare_outputs(job, command);
  if (command.dry_run) {
    write_stdout(dry_run_text(job));
    return 0;
  }
  return SegmentRun(command, job).run();
}

}  // namespace ldznet::cli
