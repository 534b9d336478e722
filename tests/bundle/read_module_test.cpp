#include "bundle/read_module.h"

#include <caffe2/serialize/inline_container.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/toy_bundle.h"

namespace ldznet {
namespace {

using test::ToyBundle;

std::string saved(const torch::jit::Module& module) {
  std::ostringstream archive;
  module.save(archive);
  return archive.str();
}

/// The same archive with every record compressed.
std::string compressed(const std::string& archive) {
  std::istringstream in(archive);
  caffe2::serialize::PyTorchStreamReader reader(&in);
  std::string out;
  caffe2::serialize::PyTorchStreamWriter writer([&](const void* bytes, std::size_t count) {
    out.append(static_cast<const char*>(bytes), count);
    return count;
  });
  for (const std::string& name : reader.getAllRecords()) {
    if (name == "version" || name.starts_with(".data/")) continue;  // the writer adds its own
    const auto [bytes, count] = reader.getRecord(name);
    writer.writeRecord(name, bytes.get(), count, /*compress=*/true);
  }
  writer.writeEndOfFile();
  return out;
}

std::shared_ptr<const VerifiedFile> file_of(const ToyBundle& bundle, const std::string& archive) {
  bundle.replace("unet.pt", archive);
  return std::make_shared<const VerifiedFile>(bundle.directory(), "unet.pt", read_manifest(bundle.directory()));
}

at::Tensor weight_of(const torch::jit::Module& module, const char* name) { return module.attr(name).toTensor(); }

TEST(ReadModule, WeightsStayInTheFile) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  const at::Tensor values = at::arange(100'000, at::kFloat);
  module.register_parameter("weight", values, false);
  module.define("def forward(self, x):\n    return x + self.weight\n");
  torch::jit::Module read("none");
  std::span<const std::byte> bytes;
  {
    const auto file = file_of(bundle, saved(module));
    bytes = file->bytes();
    read = read_module(file);
  }
  const at::Tensor weight = weight_of(read, "weight");
  const auto* const place = static_cast<const std::byte*>(weight.const_data_ptr());
  EXPECT_TRUE(place >= bytes.data() && place + weight.nbytes() <= bytes.data() + bytes.size());
  EXPECT_TRUE(weight.equal(values));
  EXPECT_TRUE(read.forward({at::ones({1})}).toTensor().equal(values + 1));
}

TEST(ReadModule, RefusesDamagedArchives) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  module.register_parameter("weight", at::ones({1000}), false);
  const std::string archive = saved(module);
  for (std::size_t length = 0; length < archive.size(); length += 97)
    EXPECT_ANY_THROW(read_module(file_of(bundle, archive.substr(0, length)))) << length;
  // Local headers whose additional field, two bytes at 28, would end beyond the file.
  std::string far = archive;
  for (std::size_t at = far.find("PK\3\4"); at != std::string::npos; at = far.find("PK\3\4", at + 1))
    far.replace(at + 28, 2, "\xFF\xFF");
  EXPECT_ANY_THROW(read_module(file_of(bundle, far)));
}

TEST(ReadModule, SharedWeightsOutliveEachOther) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  const at::Tensor values = at::arange(100'000, at::kFloat);
  module.register_parameter("all", values, false);
  module.register_parameter("part", values.slice(0, 50'000), false);
  const torch::jit::Module read = read_module(file_of(bundle, saved(module)));
  weight_of(read, "all").set_data(at::empty({0}));
  EXPECT_TRUE(weight_of(read, "part").equal(values.slice(0, 50'000)));
}

TEST(ReadModule, ReadsCompressedWeights) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  const at::Tensor values = at::zeros({100'000});
  module.register_parameter("weight", values, false);
  const std::string archive = saved(module), small = compressed(archive);
  ASSERT_LT(small.size(), archive.size() / 2);
  EXPECT_TRUE(weight_of(read_module(file_of(bundle, small)), "weight").equal(values));
}

TEST(ReadModule, RefusesClassesThatRestoreThemselves) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  module.define(R"(
def __getstate__(self):
    return 1

def __setstate__(self, state: int):
    pass
)");
  EXPECT_THROW(read_module(file_of(bundle, saved(module))), std::runtime_error);
}

}  // namespace
}  // namespace ldznet
