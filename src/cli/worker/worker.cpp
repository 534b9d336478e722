#include <algorithm>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/stage_timer.h"
#include "cli/process/interrupt.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/picture_errors.h"
#include "cli/process/process_memory.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "cli/process/system_errors.h"
#include "cli/segment/job.h"
#include "cli/segment/known_names.h"
#include "cli/segment/load_picture.h"
#include "cli/segment/picture_memory.h"
#include "cli/segment/picture_writer.h"
#include "cli/segment/settings.h"
#include "cli/worker/prepared_request.h"
#include "cli/worker/request.h"
#include "cli/worker/request_errors.h"
#include "cli/worker/request_lines.h"
#include "ldznet/pipeline.h"
#include "output/json_lines.h"

namespace ldznet::cli {

namespace {

/// One of the requests that share a pass of the networks.
struct Turn {
  PreparedRequest& prepared;
  RunSettings settings = {};
  std::optional<PictureWriter> writer = {};  ///< unset when the request is refused or its picture cannot be read
  std::optional<Error> refusal = {};
};

/// The picture of the last request, kept because consecutive requests are often about the same picture.
struct Encoded {
  std::string sha256;
  int size;
  EncodedImage image;
};

class Worker {
 public:
  explicit Worker(const WorkerCommand& command)
      : defaults_(with_methods(command.defaults)),
        pipeline_(load_pipeline(defaults_.model, defaults_.load)),
        unknown_(pipeline_.manifest()) {
    defaults_.json = "-";  // as `segment --json`: files only where a request asks for them
    check_networks();
    usual_memory_ = resident_memory();
  }

  /// Answers requests until stdin ends or a signal arrives. Returns the exit code.
  int run() {
    write_stdout(ready_line());
    RequestLines lines(defaults_.segment.batch_size, kLongestRequest);
    std::future<PreparedRequest> ahead;  // the next request, whose picture is loaded while the networks work
    while (true) {
      if (!ahead.valid()) {
        const std::optional<std::string> line = lines.next();
        if (!line) break;
        ahead = load_later(prepare(*line, defaults_));
      }
      std::deque<PreparedRequest> group;
      group.push_back(ahead.get());
      ahead = join(group, lines);
      write_stdout(answers(group));
      group.clear();
      return_memory(usual_memory_);
      if (InterruptWatch::signal() != 0) break;
    }
    return InterruptWatch::signal() != 0 ? InterruptWatch::exit_code() : 0;
  }

 private:
  /// The defaults with the names of the heads to load: all, unless some are chosen.
  static SegmentCommand with_methods(SegmentCommand defaults) {
    std::vector<std::string>& methods = defaults.load.methods;
    if (methods.empty()) methods = read_manifest(bundle_folder(defaults.model)).methods;
    return defaults;
  }

  /// Runs every head once, for the smallest picture. Throws Error(bad_config) when the bundle's networks do not fit
  /// together or its manifest: no request could be answered.
  void check_networks() const {
    const int side = pipeline_.manifest().image_multiple;
    const Image image{side, side, std::vector<std::uint8_t>(std::size_t{3} * side * side), {}};
    const EncodedImage encoded = pipeline_.encode(image, {.size = side});
    const std::vector<std::string> prompts = {"a"};
    SegmentOptions options;
    for (const std::string& method : defaults_.load.methods) {
      options.method = method;
      pipeline_.segment(encoded, prompts, options);
    }
  }

  std::string ready_line() const {
    const Manifest& manifest = pipeline_.manifest();
    const nlohmann::ordered_json line = {{"ready", true},
                                         {"schema", kLineSchema},
                                         {"version", LDZNET_VERSION},
                                         {"model", model_json(model_id(manifest))},
                                         {"methods", defaults_.load.methods},
                                         {"device", pipeline_.device()},
                                         {"precision", pipeline_.precision()}};
    return json_text(line) + "\n";
  }

  /// Adds waiting requests to the group as long as they can share its pass and the pass has at most `batch_size`
  /// phrases. Returns the first request that does not fit, whose picture is being loaded.
  std::future<PreparedRequest> join(std::deque<PreparedRequest>& group, RequestLines& lines) const {
    std::size_t phrases = group.front().job.texts.size();
    while (const std::optional<std::string> line = lines.waiting()) {
      PreparedRequest next = prepare(*line, defaults_);
      phrases += next.job.texts.size();
      if (!can_share(group.front(), next) || phrases > static_cast<std::size_t>(defaults_.segment.batch_size))
        return load_later(std::move(next));
      next.encoded.reset();  // the same as the first's
      group.push_back(std::move(next));
    }
    return {};
  }

  /// The lines that answer the requests of a group. All are about the picture of the first.
  std::string answers(std::deque<PreparedRequest>& group) {
    const Stopwatch stopwatch;
    std::deque<Turn> turns;  // a deque, because its elements do not move
    for (PreparedRequest& prepared : group) begin(turns.emplace_back(Turn{prepared}), group.front().picture.image);
    StageCosts costs;
    const std::optional<Error> error = compute(group.front(), turns, costs);
    if (error && error->code() == ErrorCode::out_of_memory && group.size() > 1) return one_by_one(group);
    std::string lines;
    double decode_ms = group.front().picture.decode_ms;
    for (Turn& turn : turns) {
      Stages own = share(costs.ms, turns.size());
      own.decode = std::exchange(decode_ms, 0);
      lines += line_of(turn, own, error, stopwatch);
    }
    return lines;
  }

  /// The same for a group that ran out of memory: each request alone may fit.
  std::string one_by_one(std::deque<PreparedRequest>& group) {
    const std::shared_ptr<const Image> image = group.front().picture.image;
    const std::string sha256 = group.front().sha256;
    const std::optional<Error> error = group.front().error;
    std::string lines;
    for (PreparedRequest& prepared : group) {
      std::deque<PreparedRequest> alone;
      alone.push_back(std::move(prepared));
      alone.front().picture.image = image;
      alone.front().sha256 = sha256;
      alone.front().error = error;
      lines += answers(alone);
    }
    return lines;
  }

  void begin(Turn& turn, const std::shared_ptr<const Image>& image) {
    const SegmentJob& job = turn.prepared.job;
    turn.refusal = turn.prepared.refusal;
    if (turn.refusal) return;
    try {
      unknown_.warn(job.parsed.phrases);
      prepare_outputs(job);
      turn.settings = settings_for(job, pipeline_);
      pipeline_.check(job.segment);
      warned_about_timestep_ = warned_about_timestep_ || warn_about_timestep(job.segment, pipeline_.manifest());
      if (image) turn.writer.emplace(job, turn.settings, 0, image);
    } catch (const Error& error) {
      turn.refusal = error;
    } catch (const std::system_error& error) {
      turn.refusal = as_error(error);
    }
  }

  /// Runs the networks once for the phrases of all turns and gives each turn its maps. Returns the error, if any.
  std::optional<Error> compute(const PreparedRequest& first, std::deque<Turn>& turns, StageCosts& costs) {
    std::vector<std::string> texts;
    std::vector<PictureWriter*> owners;
    for (Turn& turn : turns) {
      if (!turn.writer) continue;
      const std::vector<std::string>& own = turn.prepared.job.texts;
      texts.insert(texts.end(), own.begin(), own.end());
      owners.insert(owners.end(), own.size(), &*turn.writer);
    }
    if (texts.empty()) return first.error;
    const Input& input = first.job.inputs.front();
    log_warnings(input, *first.picture.image);
    const auto take = [&](std::size_t i, Probability map) { owners[i]->add(std::move(map)); };
    const auto one = std::find_if(turns.begin(), turns.end(), [](const Turn& turn) { return turn.writer.has_value(); });
    const SegmentJob& job = one->prepared.job;
    return error_of(input.name, [&] {
      require_memory(job, pipeline_, *first.picture.image, input.name, texts.size(), 1);
      if (job.tiles > 0) return segment_tiles(pipeline_, *first.picture.image, texts, job.tile_options(), take, &costs);
      pipeline_.segment(encoded(first, job.encode, costs), texts, job.segment, take, &costs);
    });
  }

  /// The share of the stages' times that one of several requests in a pass reports: an equal part.
  static Stages share(Stages times, std::size_t count) {
    for (const NamedStage& stage : kStages) times.*stage.value /= static_cast<double>(count);
    return times;
  }

  static std::string line_of(Turn& turn, const Stages& times, const std::optional<Error>& error,
                             const Stopwatch& stopwatch) {
    const std::string& id = turn.prepared.id;
    if (turn.refusal) return error_line(id, in_request_words(*turn.refusal));
    try {
      PictureResult result;
      if (turn.writer) {
        result = turn.writer->finish(times, error);
      } else {
        result.image = turn.prepared.job.inputs.front().name;
        result.error = error;
      }
      if (result.error) result.error = in_request_words(*result.error);
      result.total_ms = times.decode + stopwatch.milliseconds();
      return json_line(turn.settings.metadata, result, id);
    } catch (const Error& failure) {
      return error_line(id, in_request_words(failure));
    }
  }

  const EncodedImage& encoded(const PreparedRequest& prepared, const EncodeOptions& options, StageCosts& costs) {
    if (!last_ || last_->sha256 != prepared.sha256 || last_->size != options.size) {
      last_.reset();
      last_.emplace(Encoded{prepared.sha256, options.size, pipeline_.encode(*prepared.picture.image, options, &costs)});
    }
    return last_->image;
  }

  SegmentCommand defaults_;
  Pipeline pipeline_;
  UnknownNames unknown_;
  bool warned_about_timestep_ = false;
  std::optional<Encoded> last_;
  std::uint64_t usual_memory_ = 0;  ///< bytes, without a request
};

}  // namespace

int run(const WorkerCommand& command) { return Worker(command).run(); }

}  // namespace ldznet::cli
