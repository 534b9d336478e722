#include "cli/segment/pictures_ahead.h"

#include <memory>
#include <span>
#include <utility>

#include "base/log.h"
#include "cli/process/picture_errors.h"
#include "cli/segment/picture_memory.h"

namespace ldznet::cli {

PicturesAhead::PicturesAhead(const SegmentJob& job, const Pipeline& pipeline, const RunSettings& settings,
                             const Journal* journal, bool needs_images)
    : job_(job),
      pipeline_(pipeline),
      settings_(settings),
      journal_(journal),
      needs_images_(needs_images),
      at_once_(pictures_at_once(job, pipeline)) {
  log::debug("pictures that the networks work on at a time: " + std::to_string(at_once_));
  if (at_once_ == 1) return;
  threads_.emplace(most_ahead(), at_once_);
  encode_prompts();
}

/// Otherwise the thread that happens to be first would encode them, and the last digits depend on how many CPU threads
/// it has.
void PicturesAhead::encode_prompts() {
  std::packaged_task<void()> encode([this] {
    use_cpu_threads(1);
    for (const std::string& text : job_.texts) pipeline_.text_embedding(text);
  });
  const std::future<void> done = encode.get_future();
  threads_->post([&encode] { encode(); });
  done.wait();  // an error comes again with every picture
}

std::size_t PicturesAhead::most_ahead() const { return kAheadPerThread * at_once_; }

ReadyPicture PicturesAhead::next() {
  while (ahead_.size() < most_ahead() && started_ < job_.inputs.size()) ahead_.push_back(start(started_++));
  std::future<ReadyPicture> current = std::move(ahead_.front());
  ahead_.pop_front();
  return current.get();
}

std::future<ReadyPicture> PicturesAhead::start(std::size_t picture) {
  const Input& input = job_.inputs[picture];
  // stdin is read in the thread that wants it, which a signal interrupts.
  if (input.path.empty()) return std::async(std::launch::deferred, [this, picture] { return load(picture); });
  auto loaded = std::async(std::launch::async, [this, picture] { return load(picture); });
  if (!threads_) return loaded;
  const auto task =
      std::make_shared<std::packaged_task<ReadyPicture()>>([this, &input, loaded = std::move(loaded)]() mutable {
        ReadyPicture ready = loaded.get();
        if (!ready.finished) compute(ready, input.name);
        return ready;
      });
  threads_->post([task] { (*task)(); });
  return task->get_future();
}

ReadyPicture PicturesAhead::load(std::size_t picture) const {
  const Input& input = job_.inputs[picture];
  ReadyPicture ready;
  const std::string encoded = read_encoded(input);
  if (journal_ != nullptr) ready.key = picture_key(settings_, job_, picture, encoded);
  if (job_.resume) ready.finished = journal_->finished(ready.key);
  if (!ready.finished || needs_images_) ready.picture = decode_picture(job_, input, std::as_bytes(std::span(encoded)));
  return ready;
}

void PicturesAhead::compute(ReadyPicture& ready, const std::string& name) const {
  const Image& image = *ready.picture.image;
  if (!can_keep_maps(job_, image)) return;
  use_cpu_threads(1);
  Computed computed;
  computed.error = error_of(name, [&] {
    require_memory(job_, pipeline_, image, name, job_.texts.size(), job_.texts.size());
    computed.maps = pipeline_.segment(pipeline_.encode(image, job_.encode, &computed.costs), job_.texts, job_.segment,
                                      &computed.costs);
  });
  // Without others beside it, it may fit.
  if (computed.error && computed.error->code() == ErrorCode::out_of_memory) return;
  ready.computed = std::move(computed);
}

}  // namespace ldznet::cli
