#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <memory>

#include "bundle/verified_file.h"

namespace ldznet {

/// Bytes of a file that are a weight's memory. Their pages are unmapped with the last tensor that uses them.
struct MappedWeight {
  MappedWeight(std::shared_ptr<const VerifiedFile> file, std::size_t at, std::size_t count);
  ~MappedWeight();
  MappedWeight(const MappedWeight&) = delete;
  MappedWeight& operator=(const MappedWeight&) = delete;

  std::shared_ptr<const VerifiedFile> file;
  std::size_t at, count;
};

/// Memory for a tensor, which keeps the weight in use.
at::DataPtr data_of(std::shared_ptr<const MappedWeight> weight);

/// The tensor itself, or a copy if its memory is a file's, which must not be used after loading: the file may change.
at::Tensor out_of_file(const at::Tensor& tensor);

}  // namespace ldznet
