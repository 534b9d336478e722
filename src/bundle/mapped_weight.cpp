#include "bundle/mapped_weight.h"

#include <utility>

namespace ldznet {

namespace {

using Held = std::shared_ptr<const MappedWeight>;

/// Its address also tells which tensors are in a file.
void release(void* held) { delete static_cast<Held*>(held); }

}  // namespace

MappedWeight::MappedWeight(std::shared_ptr<const VerifiedFile> file, std::size_t at, std::size_t count)
    : file(std::move(file)), at(at), count(count) {}

MappedWeight::~MappedWeight() { file->discard(at, count); }

at::DataPtr data_of(std::shared_ptr<const MappedWeight> weight) {
  auto* const bytes = const_cast<std::byte*>(weight->file->bytes().data() + weight->at);  // its mapping is writable
  return {bytes, new Held(std::move(weight)), release, at::kCPU};
}

at::Tensor out_of_file(const at::Tensor& tensor) {
  return tensor.storage().data_ptr().get_deleter() == release ? tensor.clone() : tensor;
}

}  // namespace ldznet
