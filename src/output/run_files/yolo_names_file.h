#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "output/label_tools.h"
#include "output/run_writer.h"

namespace ldznet {

/// data.yaml: the prompts that the numbers in a run's YOLO labels stand for.
class YoloNamesFile final : public RunWriter {
 public:
  YoloNamesFile(std::filesystem::path file, std::vector<std::string> prompts)
      : file_(std::move(file)), prompts_(std::move(prompts)) {}

  void add(const PictureResult& /*picture*/, const Image* /*image*/) override {}
  void finish() override { write_file(file_, yolo_names(prompts_)); }

 private:
  std::filesystem::path file_;
  std::vector<std::string> prompts_;
};

}  // namespace ldznet
