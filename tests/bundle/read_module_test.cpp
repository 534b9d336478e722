#include "bundle/read_module.h"

#include <caffe2/serialize/inline_container.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/tests_folder.h"
#include "support/toy_bundle.h"

namespace ldznet {
namespace {

using test::ToyBundle;

torch::jit::Module forward_of(std::shared_ptr<const VerifiedFile> file) {
  return read_module(std::move(file), {"forward"});
}

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
    read = forward_of(file);
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
    EXPECT_ANY_THROW(forward_of(file_of(bundle, archive.substr(0, length)))) << length;
  // Local headers whose additional field, two bytes at 28, would end beyond the file.
  std::string far = archive;
  for (std::size_t at = far.find("PK\3\4"); at != std::string::npos; at = far.find("PK\3\4", at + 1))
    far.replace(at + 28, 2, "\xFF\xFF");
  EXPECT_ANY_THROW(forward_of(file_of(bundle, far)));
}

TEST(ReadModule, ReadsOnlyTheMethodsThatAreAskedFor) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  module.define(
      "def forward(self, x):\n    return self.body(x)\n\ndef body(self, x):\n    return x\n\n"
      "def other(self, x):\n    return x\n");
  const torch::jit::Module read = forward_of(file_of(bundle, saved(module)));
  EXPECT_TRUE(read.find_method("forward") && read.find_method("body"));
  EXPECT_FALSE(read.find_method("other"));
}

TEST(ReadModule, PyTorchsFunctionsAreShort) {
  const auto folder = test::tests_folder().parent_path() / "models" / "ldznet-mini";
  const torch::jit::Module read =
      forward_of(std::make_shared<const VerifiedFile>(folder, "ldznet.pt", read_manifest(folder)));
  int found = 0;
  for (torch::jit::Function* function : read._ivalue()->compilation_unit()->get_functions())
    if (function->name() == "interpolate" || function->name() == "group_norm") {
      const auto nodes = torch::jit::toGraphFunction(*function).graph()->nodes();
      EXPECT_EQ(std::count_if(nodes.begin(), nodes.end(),
                              [](const torch::jit::Node* node) { return node->kind() != c10::prim::Constant; }),
                1)
          << function->qualname().qualifiedName();
      ++found;
    }
  EXPECT_EQ(found, 3) << "two variants of interpolate, and group_norm";
}

TEST(ReadModule, SharedWeightsOutliveEachOther) {
  const ToyBundle bundle;
  torch::jit::Module module("network");
  const at::Tensor values = at::arange(100'000, at::kFloat);
  module.register_parameter("all", values, false);
  module.register_parameter("part", values.slice(0, 50'000), false);
  const torch::jit::Module read = forward_of(file_of(bundle, saved(module)));
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
  EXPECT_TRUE(weight_of(forward_of(file_of(bundle, small)), "weight").equal(values));
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
  EXPECT_THROW(forward_of(file_of(bundle, saved(module))), std::runtime_error);
}

}  // namespace
}  // namespace ldznet
