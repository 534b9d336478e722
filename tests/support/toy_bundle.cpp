#include "support/toy_bundle.h"

#include <torch/script.h>

#include <map>
#include <span>
#include <sstream>
#include <vector>

#include "base/sha256.h"

namespace ldznet::test {

namespace {

using nlohmann::json;

constexpr int kContextWidth = 4;

const std::map<std::string, std::string>& network_methods() {
  static const std::map<std::string, std::string> methods = {
      {"vae_encoder.pt", R"(
def forward(self, image):
    x = torch.avg_pool2d(image, [8, 8])
    gray = torch.mean(x, [1], True)
    return torch.cat([x, gray, -x, gray], 1) * self.weight
)"},
      {"text_encoder.pt", R"(
def forward(self, ids):
    return self.table[ids + self.offset]
)"},
      {"unet.pt", R"(
def forward(self, z_t, timestep, context) -> List[Tensor]:
    t = timestep.to(z_t.dtype)[:, None, None, None] / 1000
    text = torch.mean(context, [1, 2])[:, None, None, None]
    return [z_t * self.weight + t, torch.avg_pool2d(z_t, [2, 2]) * text]

def all_features(self, z_t, timestep, context) -> List[Tensor]:
    return self.forward(z_t, timestep, context) + [z_t]
)"},
      {"ldznet.pt", R"(
def forward(self, z, context, features: List[Tensor]):
    b = torch.upsample_nearest2d(features[1], [z.size(2), z.size(3)])
    x = torch.mean(z + features[0] + b, [1], True) + torch.mean(context, [1, 2])[:, None, None, None]
    return torch.upsample_nearest2d(x, [8 * z.size(2), 8 * z.size(3)]) * self.weight
)"},
      {"znet.pt", R"(
def forward(self, z, context):
    x = torch.mean(z, [1], True) * 3 + torch.mean(context, [1, 2])[:, None, None, None]
    return torch.upsample_nearest2d(x, [8 * z.size(2), 8 * z.size(3)]) * self.weight
)"},
      {"rgbnet.pt", R"(
def forward(self, image, context):
    return torch.mean(image, [1], True) * self.weight + torch.mean(context, [1, 2])[:, None, None, None]
)"},
  };
  return methods;
}

std::string utf8(int code_point) {
  if (code_point < 128) return {static_cast<char>(code_point)};
  return {static_cast<char>(0xC0 | (code_point >> 6)), static_cast<char>(0x80 | (code_point & 63))};
}

/// The pieces in CLIP's layout: every byte's symbol, each again at the end of a word, merged pieces, start and end
/// token.
std::vector<std::string> tokens_of(const std::vector<std::pair<std::string, std::string>>& merges) {
  std::vector<std::string> tokens;
  const auto printable = [](int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  };
  for (int byte = 0; byte < 256; ++byte)
    if (printable(byte)) tokens.push_back(utf8(byte));
  for (int byte = 0, next = 256; byte < 256; ++byte)
    if (!printable(byte)) tokens.push_back(utf8(next++));
  for (int i = 0; i < 256; ++i) tokens.push_back(tokens[i] + "</w>");
  for (const auto& [left, right] : merges) tokens.push_back(left + right);
  tokens.emplace_back("<|startoftext|>");
  tokens.emplace_back("<|endoftext|>");
  return tokens;
}

std::string archive(const std::string& name, const std::string& methods, int vocabulary) {
  torch::jit::Module module(name);
  module.register_parameter("weight", at::full({}, 1.5, at::kHalf), false);
  const at::Tensor rows = at::arange(vocabulary, at::kFloat).unsqueeze(1);
  const at::Tensor columns = at::arange(1, kContextWidth + 1, at::kFloat).unsqueeze(0);
  module.register_parameter("table", (rows * columns * 0.37f).sin().to(at::kHalf), false);
  module.register_buffer("offset", at::zeros({}, at::kLong));
  module.define(methods);
  std::ostringstream stream;
  module.save(stream);
  return stream.str();
}

json empty_manifest() {
  return json::parse(R"({
    "schema": "ldznet-bundle/1", "name": "toy", "version": "1", "licence": "Apache-2.0",
    "image": {"area": 16384, "multiple": 64}, "latent": {"channels": 4, "factor": 8, "scale": 0.5},
    "noise_schedule": {"kind": "scaled_linear", "steps": 1000, "beta_start": 0.00085, "beta_end": 0.012},
    "timestep": {"default": 400, "range": [300, 500]},
    "text": {"length": 16, "vocab": "vocab.json", "merges": "merges.txt"},
    "taps": ["a", "b"], "features": ["a", "b", "c"], "threshold": 0.5,
    "methods": {"ldznet": {"file": "ldznet.pt"}, "znet": {"file": "znet.pt"}, "rgbnet": {"file": "rgbnet.pt"}},
    "default_method": "ldznet", "torch": "2.13.0", "dtype": "float16", "files": {}})");
}

}  // namespace

ToyBundle::ToyBundle() {
  save_manifest(empty_manifest());

  const std::vector<std::pair<std::string, std::string>> merges = {{"p", "a"},        {"n", "d"}, {"nd", "a</w>"},
                                                                   {"pa", "nda</w>"}, {"d", "o"}, {"do", "g</w>"}};
  const std::vector<std::string> tokens = tokens_of(merges);
  json vocabulary = json::object();
  for (std::size_t i = 0; i < tokens.size(); ++i) vocabulary[tokens[i]] = i;
  std::string merge_lines = "#version: 0.2\n";
  for (const auto& [left, right] : merges) merge_lines += left + " " + right + "\n";
  replace("vocab.json", vocabulary.dump());
  replace("merges.txt", merge_lines);
  for (const auto& [file, methods] : network_methods())
    replace(file, archive(file.substr(0, file.find('.')), methods, static_cast<int>(tokens.size())));
}

json ToyBundle::manifest() const { return json::parse(read("model.json")); }

void ToyBundle::save_manifest(const json& manifest) const { write("model.json", manifest.dump()); }

std::string ToyBundle::read(const std::string& file) const { return folder_.read(file); }

void ToyBundle::write(const std::string& file, const std::string& bytes) const { folder_.write(file, bytes); }

void ToyBundle::replace(const std::string& file, const std::string& bytes) const {
  write(file, bytes);
  json changed = manifest();
  changed["files"][file] = {{"bytes", bytes.size()}, {"sha256", sha256_hex(std::as_bytes(std::span(bytes)))}};
  save_manifest(changed);
}

void ToyBundle::replace_network(const std::string& file, const std::string& methods) const {
  replace(file, archive("replaced", methods, 1));
}

}  // namespace ldznet::test
