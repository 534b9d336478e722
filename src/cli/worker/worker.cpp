#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/sha256.h"
#include "cli/process/interrupt.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "cli/segment/inputs.h"
#include "cli/segment/job.h"
#include "cli/segment/picture_writer.h"
#include "cli/segment/settings.h"
#include "cli/worker/request.h"
#include "cli/worker/request_lines.h"
#include "ldznet/image.h"
#include "ldznet/pipeline.h"
#include "output/json_lines.h"
#include "output/standard_output.h"

namespace ldznet::cli {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A request on its way to the networks, with all that can be done without them.
struct Prepared {
  PictureRequest request;
  SegmentJob job;
  std::shared_ptr<const Image> image;  ///< null with an error
  std::string sha256;                  ///< of the picture's bytes
  double decode_ms = 0;
  std::optional<Error> error;  ///< of a request that was understood
};

/// Whether a request wants nothing of the networks but other prompts than `first` does, on the same picture. One that
/// writes files is on its own: whether it may is seen when all before it have been answered.
bool can_share(const Prepared& first, const Prepared& other) {
  if (first.request.error || other.request.error || first.job.plan || other.job.plan) return false;
  const SegmentCommand &one = first.request.command, &two = other.request.command;
  return first.request.picture == other.request.picture && first.request.encoded == other.request.encoded &&
         one.encode == two.encode && one.segment == two.segment;
}

/// One of the requests that share a pass of the networks.
struct Turn {
  Prepared& prepared;
  RunSettings settings = {};
  std::optional<PictureWriter> results = {};  ///< none when it is refused
  std::optional<Error> refusal = {};
};

/// The picture of the last request: who asks for several things one by one need not wait for it again.
struct Encoded {
  std::string sha256;
  int size;
  EncodedImage image;
};

class Worker {
 public:
  explicit Worker(const WorkerCommand& command) : defaults_(command.defaults), pipeline_(load(command.defaults)) {
    defaults_.json = "-";  // the JSON is made, and no pictures unless they are asked for
  }

  /// Answers until there is nothing more to answer.
  int run() {
    write_stdout(ready_line());
    RequestLines lines(defaults_.segment.batch_size, kLongestRequest);
    std::future<Prepared> ahead;  // read and decoded while the networks work; waited for before `lines` goes
    while (true) {
      if (!ahead.valid()) {
        const std::optional<std::string> line = lines.next();
        if (!line) break;
        ahead = read_later(understand(*line));
      }
      std::deque<Prepared> group;
      group.push_back(ahead.get());
      ahead = join(group, lines);
      write_stdout(answers(group));
      if (InterruptWatch::signal() != 0) break;
    }
    return InterruptWatch::signal() != 0 ? InterruptWatch::exit_code() : 0;
  }

 private:
  static Pipeline load(const SegmentCommand& defaults) {
    LoadOptions options = defaults.load;
    if (options.methods.empty()) options.methods = read_manifest(bundle_folder(defaults.model)).methods;
    return load_pipeline(defaults.model, options);
  }

  std::string ready_line() const {
    const Manifest& manifest = pipeline_.manifest();
    const nlohmann::ordered_json line = {
        {"ready", true},
        {"schema", kLineSchema},
        {"version", LDZNET_VERSION},
        {"model", {{"name", manifest.name}, {"version", manifest.version}, {"sha256", manifest.sha256}}},
        {"methods", manifest.methods},
        {"device", pipeline_.device()},
        {"precision", pipeline_.precision()}};
    return line.dump() + "\n";
  }

  Prepared understand(const std::string& line) const {
    Prepared prepared;
    PictureRequest& request = prepared.request;
    request = read_request(line, defaults_);
    if (request.error) return prepared;
    try {
      prepared.job = plan_job(request.command, {input_of(request)});
    } catch (const Error& error) {
      request.error = error;
    }
    return prepared;
  }

  static std::future<Prepared> read_later(Prepared prepared) {
    return std::async(std::launch::async, [prepared = std::move(prepared)]() mutable {
      if (prepared.request.error) return std::move(prepared);
      try {
        read_picture(prepared);
      } catch (const Error& error) {
        prepared.error = error;
      } catch (const std::bad_alloc&) {
        prepared.error = out_of_memory(prepared.job.inputs.front().name);
      }
      return std::move(prepared);
    });
  }

  /// Adds to the group those of the requests that wait which can share its pass of `batch_size` prompts; the first that
  /// cannot is read meanwhile.
  std::future<Prepared> join(std::deque<Prepared>& group, RequestLines& lines) const {
    std::size_t prompts = group.front().job.texts.size();
    while (const std::optional<std::string> line = lines.waiting()) {
      Prepared next = understand(*line);
      prompts += next.job.texts.size();
      if (!can_share(group.front(), next) || prompts > static_cast<std::size_t>(defaults_.segment.batch_size))
        return read_later(std::move(next));
      next.request.encoded.reset();  // the first's is the same
      group.push_back(std::move(next));
    }
    return {};
  }

  static Input input_of(const PictureRequest& request) {
    if (request.encoded) return {"image_b64", {}, "image"};
    std::error_code error;
    if (std::filesystem::is_directory(request.picture, error))
      throw Error(ErrorCode::usage, request.picture + " is a folder", "A request is about one picture.");
    return find_inputs({{request.picture}, false, {}}).front();
  }

  static void read_picture(Prepared& prepared) {
    const Input& input = prepared.job.inputs.front();
    const PictureRequest& request = prepared.request;
    const std::string file = request.encoded ? "" : read_picture_file(input.path);
    const auto bytes = std::as_bytes(std::span(request.encoded ? *request.encoded : file));
    prepared.sha256 = sha256_hex(bytes);
    const auto start = Clock::now();
    prepared.image = std::make_shared<const Image>(decode_image(bytes, input.name));
    prepared.decode_ms = milliseconds_since(start);
  }

  /// The lines that answer the requests, whose picture is the first's.
  std::string answers(std::deque<Prepared>& group) {
    const auto start = Clock::now();
    std::deque<Turn> turns;  // its elements stay where they are
    for (Prepared& prepared : group) begin(turns.emplace_back(Turn{prepared}), group.front().image);
    StageCosts costs;
    const std::optional<Error> error = compute(group.front(), turns, costs);
    if (error && error->code() == ErrorCode::out_of_memory && group.size() > 1) return one_by_one(group);
    std::string lines;
    double decode_ms = group.front().decode_ms;
    for (Turn& turn : turns) {
      Stages own = share(costs.ms, turns.size());
      own.decode = std::exchange(decode_ms, 0);
      lines += line_of(turn, own, error, start);
    }
    return lines;
  }

  /// The lines of requests for which memory ran out together: each alone may fit.
  std::string one_by_one(std::deque<Prepared>& group) {
    const std::shared_ptr<const Image> image = group.front().image;
    const std::string sha256 = group.front().sha256;
    std::string lines;
    for (Prepared& prepared : group) {
      std::deque<Prepared> alone;
      alone.push_back(std::move(prepared));
      alone.front().image = image;
      alone.front().sha256 = sha256;
      lines += answers(alone);
    }
    return lines;
  }

  void begin(Turn& turn, const std::shared_ptr<const Image>& image) const {
    turn.refusal = turn.prepared.request.error;
    if (turn.refusal) return;
    try {
      prepare_outputs(turn.prepared.job, turn.prepared.request.command);
      turn.settings = settings_for(turn.prepared.request.command, turn.prepared.job, pipeline_);
      pipeline_.check(turn.settings.segment);
      turn.results.emplace(turn.prepared.job, turn.settings);
      turn.results->begin(0, image);
    } catch (const Error& error) {
      turn.refusal = error;
    }
  }

  /// Runs the networks once for all turns' prompts, and gives each turn its own. What went wrong, if anything did.
  std::optional<Error> compute(const Prepared& first, std::deque<Turn>& turns, StageCosts& costs) {
    std::vector<std::string> texts;
    std::vector<std::pair<PictureWriter*, std::size_t>> owners;
    for (Turn& turn : turns)
      for (std::size_t i = 0; !turn.refusal && i < turn.prepared.job.texts.size(); ++i) {
        texts.push_back(turn.prepared.job.texts[i]);
        owners.emplace_back(&*turn.results, i);
      }
    if (texts.empty() || first.error) return first.error;
    const std::string& name = first.job.inputs.front().name;
    for (const std::string& warning : first.image->warnings) log::warn(std::string(name).append(": ").append(warning));
    const auto take = [&](std::size_t i, Probability map) { owners[i].first->take(owners[i].second, std::move(map)); };
    const auto one =
        std::find_if(turns.begin(), turns.end(), [](const Turn& turn) { return turn.results.has_value(); });
    try {
      pipeline_.segment(encoded(first, one->settings.encode, costs), texts, one->settings.segment, take, &costs);
    } catch (const Error& error) {
      return error;
    } catch (const std::bad_alloc&) {
      return out_of_memory(name);
    }
    return std::nullopt;
  }

  /// What one of several that shared them is told of the stages' times: an equal part.
  static Stages share(Stages times, std::size_t count) {
    for (const NamedStage& stage : kStages) times.*stage.value /= static_cast<double>(count);
    return times;
  }

  static std::string line_of(Turn& turn, const Stages& times, const std::optional<Error>& error,
                             Clock::time_point start) {
    const std::string& id = turn.prepared.request.id;
    if (turn.refusal) return error_line(id, *turn.refusal);
    try {
      PictureResult facts = turn.results->end(times, error);
      facts.total_ms = times.decode + milliseconds_since(start);
      return json_line(turn.settings.facts, facts, id);
    } catch (const Error& failure) {
      return error_line(id, failure);
    }
  }

  const EncodedImage& encoded(const Prepared& prepared, const EncodeOptions& options, StageCosts& costs) {
    if (!last_ || last_->sha256 != prepared.sha256 || last_->size != options.size) {
      last_.reset();
      last_.emplace(Encoded{prepared.sha256, options.size, pipeline_.encode(*prepared.image, options, &costs)});
    }
    return last_->image;
  }

  SegmentCommand defaults_;
  Pipeline pipeline_;
  std::optional<Encoded> last_;
};

}  // namespace

int run(const WorkerCommand& command) { return Worker(command).run(); }

}  // namespace ldznet::cli
