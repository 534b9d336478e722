#pragma once

#include <filesystem>
#include <utility>

#include "base/files/atomic_file.h"
#include "output/json_lines.h"
#include "output/run_writer.h"

namespace ldznet {

/// A run's JSON lines in a file.
class JsonLinesFile final : public RunWriter {
 public:
  JsonLinesFile(const std::filesystem::path& file, RunMetadata run) : file_(file), run_(std::move(run)) {}

  void add(const PictureResult& picture, const Image* /*image*/) override { file_.write(json_line(run_, picture)); }
  void finish() override { file_.commit(); }

 private:
  AtomicFile file_;
  RunMetadata run_;
};

}  // namespace ldznet
