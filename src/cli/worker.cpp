#include <chrono>
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
#include "cli/inputs.h"
#include "cli/interrupt.h"
#include "cli/networks.h"
#include "cli/picture_results.h"
#include "cli/request.h"
#include "cli/request_lines.h"
#include "cli/run.h"
#include "cli/segment_job.h"
#include "cli/segment_settings.h"
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

/// The picture of the last request: who asks for several things one by one need not wait for it again.
struct Encoded {
  std::string sha256;
  int size;
  EncodedImage image;
};

class Worker {
 public:
  explicit Worker(const WorkerCommand& command)
      : defaults_(command.defaults), pipeline_(load_pipeline(defaults_.model, methods(command))) {
    defaults_.json = "-";  // the JSON is made, and no pictures unless they are asked for
  }

  /// Answers until there is nothing more to answer.
  int run() {
    write_stdout(ready_line());
    RequestLines lines(defaults_.model.batch_size, kLongestRequest);
    std::future<Prepared> ahead;  // read and decoded while the networks work; waited for before `lines` goes
    while (true) {
      if (!ahead.valid()) {
        const std::optional<std::string> line = lines.next();
        if (!line) break;
        ahead = prepare_later(*line);
      }
      Prepared now = ahead.get();
      if (const std::optional<std::string> line = lines.waiting()) ahead = prepare_later(*line);
      write_stdout(answer(now));
      if (InterruptWatch::signal() != 0) break;
    }
    return InterruptWatch::signal() != 0 ? InterruptWatch::exit_code() : 0;
  }

 private:
  static std::vector<std::string> methods(const WorkerCommand& command) {
    return command.methods.empty() ? read_manifest(bundle_folder(command.defaults.model.model)).methods
                                   : command.methods;
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

  std::future<Prepared> prepare_later(std::string line) const {
    return std::async(std::launch::async, [this, line = std::move(line)] { return prepare(line); });
  }

  Prepared prepare(const std::string& line) const {
    Prepared prepared;
    PictureRequest& request = prepared.request;
    request = read_request(line, defaults_);
    if (request.error) return prepared;
    try {
      prepared.job = plan_job(request.command, {input_of(request)});
    } catch (const Error& error) {
      request.error = error;
      return prepared;
    }
    try {
      read_picture(prepared);
    } catch (const Error& error) {
      prepared.error = error;
    } catch (const std::bad_alloc&) {
      prepared.error = out_of_memory(prepared.job.inputs.front().name);
    }
    return prepared;
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
    std::optional<std::string>& encoded = prepared.request.encoded;
    if (!encoded) encoded = read_picture_file(input.path);
    prepared.sha256 = sha256_hex(std::as_bytes(std::span(*encoded)));
    const auto start = Clock::now();
    prepared.image = std::make_shared<const Image>(decode_image(std::as_bytes(std::span(*encoded)), input.name));
    prepared.decode_ms = milliseconds_since(start);
  }

  /// The line that answers a request.
  std::string answer(Prepared& prepared) {
    const PictureRequest& request = prepared.request;
    if (request.error) return error_line(request.id, *request.error);
    try {
      prepare_outputs(prepared.job, request.command);
      const Settings settings = settings_for(request.command, prepared.job, pipeline_);
      pipeline_.check(settings.segment);
      const PictureFacts facts = results(prepared, settings);
      return json_line(settings.facts, facts, request.id);
    } catch (const Error& error) {
      return error_line(request.id, error);
    }
  }

  PictureFacts results(Prepared& prepared, const Settings& settings) {
    const auto start = Clock::now();
    StageCosts costs;
    costs.ms.decode = prepared.decode_ms;
    PictureResults picture(prepared.job, settings);
    picture.begin(0, prepared.image);
    if (!prepared.error) {
      for (const std::string& warning : prepared.image->warnings)
        log::warn(prepared.job.inputs.front().name + ": " + warning);
      try {
        const auto take = [&](std::size_t prompt, Probability map) { picture.take(prompt, std::move(map)); };
        pipeline_.segment(encoded(prepared, settings.encode, costs), prepared.job.texts, settings.segment, take,
                          &costs);
      } catch (const Error& error) {
        prepared.error = error;
      } catch (const std::bad_alloc&) {
        prepared.error = out_of_memory(prepared.job.inputs.front().name);
      }
    }
    PictureFacts facts = picture.end(costs.ms, prepared.error);
    facts.total_ms = costs.ms.decode + milliseconds_since(start);
    return facts;
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
