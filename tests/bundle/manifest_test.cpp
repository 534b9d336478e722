#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "ldznet/bundle.h"
#include "ldznet/error.h"
#include "support/pictures.h"
#include "support/toy_bundle.h"

namespace ldznet {
namespace {

using nlohmann::json;
using test::ToyBundle;

const ToyBundle& toy() {
  static const ToyBundle bundle;
  return bundle;
}

/// The error of read_manifest for the toy bundle's manifest after a change; "" when it accepts it.
std::string complaint(const std::function<void(json&)>& change) {
  static const json original = toy().manifest();
  json changed = original;
  change(changed);
  toy().save_manifest(changed);
  std::string message;
  try {
    read_manifest(toy().directory());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_config);
    EXPECT_FALSE(error.hint().empty());
    message = error.what();
  }
  toy().save_manifest(original);
  return message;
}

TEST(Manifest, ReadsEveryValue) {
  const ToyBundle bundle;
  const Manifest manifest = read_manifest(bundle.directory());
  EXPECT_EQ(manifest.name, "toy");
  EXPECT_EQ(manifest.version, "1");
  EXPECT_EQ(manifest.licence, "Apache-2.0");
  EXPECT_EQ(manifest.image_area, 16384);
  EXPECT_EQ(manifest.image_multiple, 64);
  EXPECT_EQ(manifest.latent_channels, 4);
  EXPECT_EQ(manifest.latent_factor, 8);
  EXPECT_EQ(manifest.latent_scale, 0.5);
  EXPECT_EQ(manifest.noise_steps, 1000);
  EXPECT_EQ(manifest.beta_start, 0.00085);
  EXPECT_EQ(manifest.beta_end, 0.012);
  EXPECT_EQ(manifest.timestep, 400);
  EXPECT_EQ(manifest.timestep_low, 300);
  EXPECT_EQ(manifest.timestep_high, 500);
  EXPECT_EQ(manifest.text_length, 16);
  EXPECT_EQ(manifest.vocab_file, "vocab.json");
  EXPECT_EQ(manifest.merges_file, "merges.txt");
  EXPECT_EQ(manifest.taps, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(manifest.features, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(manifest.threshold, 0.5);
  EXPECT_EQ(manifest.method_files.at("znet"), "znet.pt");
  EXPECT_EQ(manifest.methods.size(), 3u);
  EXPECT_EQ(manifest.default_method, "ldznet");
  EXPECT_EQ(manifest.torch_version, "2.13.0");
  EXPECT_EQ(manifest.dtype, "float16");
  EXPECT_EQ(manifest.files.at("unet.pt").bytes, bundle.read("unet.pt").size());
  const std::string text = bundle.read("model.json");
  EXPECT_EQ(manifest.sha256, sha256_hex(test::bytes(text)));
}

TEST(Manifest, MissingFolder) {
  try {
    read_manifest(toy().directory() / "nowhere");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::missing_input);
    EXPECT_NE(std::string(error.what()).find("nowhere"), std::string::npos);
  }
}

TEST(Manifest, InvalidJson) {
  const ToyBundle bundle;
  for (const char* text : {"", "{", "[1,2", "\xff\xfe", "{}", "[]", "null", "{\"schema\":\"ldznet-bundle/2\"}"}) {
    bundle.write("model.json", text);
    try {
      read_manifest(bundle.directory());
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config) << text;
      EXPECT_NE(std::string(error.what()).find("model.json"), std::string::npos) << text;
    }
  }
}

TEST(Manifest, IgnoresUnknownKeysAndMethods) {
  EXPECT_EQ(complaint([](json& m) { m["colour"] = "blue"; }), "");
  EXPECT_EQ(complaint([](json& m) { m["latent"]["colour"] = nullptr; }), "");
  EXPECT_EQ(complaint([](json& m) { m["methods"]["other"] = 3; }), "");
  EXPECT_EQ(complaint([](json& m) {
              m["files"]["MODEL_CARD.md"] = {{"bytes", 0}, {"sha256", std::string(64, '0')}};
            }),
            "");
}

TEST(Manifest, RequiresEveryMember) {
  const json original = toy().manifest();
  for (const auto& [key, value] : original.items()) {
    const std::string& missing = key;
    EXPECT_NE(complaint([&](json& m) { m.erase(missing); }).find(missing), std::string::npos) << missing;
  }
  for (const char* pointer :
       {"/image/area", "/image/multiple", "/latent/channels", "/latent/factor", "/latent/scale", "/noise_schedule/kind",
        "/noise_schedule/steps", "/noise_schedule/beta_start", "/noise_schedule/beta_end", "/timestep/default",
        "/timestep/range", "/text/length", "/text/vocab", "/text/merges", "/methods/znet/file"}) {
    const json::json_pointer place(pointer);
    EXPECT_NE(complaint([&](json& m) { m[place.parent_pointer()].erase(place.back()); }).find(place.back()),
              std::string::npos)
        << pointer;
    EXPECT_NE(complaint([&](json& m) { m[place] = json::object(); }).find(place.back()), std::string::npos) << pointer;
  }
}

TEST(Manifest, UNetContext) {
  const ToyBundle bundle;
  EXPECT_TRUE(read_manifest(bundle.directory()).unet_reads_prompt) << "the default is the published design";
  json manifest = bundle.manifest();
  for (const auto& [text, reads] : {std::pair{"prompt", true}, {"empty", false}}) {
    manifest["unet_context"] = text;
    bundle.save_manifest(manifest);
    EXPECT_EQ(read_manifest(bundle.directory()).unet_reads_prompt, reads);
  }
}

TEST(Manifest, SharedInputs) {
  const ToyBundle bundle;
  EXPECT_FALSE(read_manifest(bundle.directory()).shared_inputs) << "older bundles do not have the member";
  json manifest = bundle.manifest();
  manifest["shared_inputs"] = true;
  bundle.save_manifest(manifest);
  EXPECT_TRUE(read_manifest(bundle.directory()).shared_inputs);
  EXPECT_NE(complaint([](json& m) { m["shared_inputs"] = "yes"; }).find("shared_inputs must be true or false"),
            std::string::npos);
}

TEST(Manifest, Precision) {
  const ToyBundle bundle;
  EXPECT_EQ(read_manifest(bundle.directory()).precision, "auto");
  json manifest = bundle.manifest();
  manifest["precision"] = "fp32";
  bundle.save_manifest(manifest);
  EXPECT_EQ(read_manifest(bundle.directory()).precision, "fp32");
}

TEST(Manifest, NamesAndDomain) {
  const ToyBundle bundle;
  EXPECT_TRUE(read_manifest(bundle.directory()).names.empty());
  json manifest = bundle.manifest();
  manifest["domain"] = "drawings";
  manifest["names"] = {{"dog", {"puppy"}}, {"panda", json::array()}};
  bundle.save_manifest(manifest);
  const Manifest read = read_manifest(bundle.directory());
  EXPECT_EQ(read.domain, "drawings");
  EXPECT_EQ(read.names.at("dog"), std::vector<std::string>{"puppy"});
  EXPECT_TRUE(read.names.at("panda").empty());
  manifest["names"] = {{"dog", "puppy"}};
  bundle.save_manifest(manifest);
  const Error error = test::error_of([&] { read_manifest(bundle.directory()); });
  EXPECT_EQ(error.code(), ErrorCode::bad_config);
  EXPECT_NE(std::string(error.what()).find("names.dog must be a list"), std::string::npos) << error.what();
}

TEST(Manifest, ChecksRanges) {
  const std::vector<std::pair<const char*, json>> wrong = {{"/schema", "ldznet-bundle/2"},
                                                           {"/schema", 1},
                                                           {"/image/area", 0},
                                                           {"/image/area", -1},
                                                           {"/image/area", 4095},
                                                           {"/image/area", 1.5},
                                                           {"/image/area", 1e18},
                                                           {"/image/area", 18446744073709551615u},
                                                           {"/image/multiple", 0},
                                                           {"/image/multiple", 60},
                                                           {"/latent/channels", 0},
                                                           {"/latent/factor", 0},
                                                           {"/latent/scale", 0},
                                                           {"/latent/scale", -0.1},
                                                           {"/latent/scale", "0.18215"},
                                                           {"/noise_schedule/kind", "cosine"},
                                                           {"/noise_schedule/steps", 0},
                                                           {"/noise_schedule/beta_start", 0},
                                                           {"/noise_schedule/beta_end", 0.0001},
                                                           {"/noise_schedule/beta_end", 2},
                                                           {"/timestep/default", 1000},
                                                           {"/timestep/default", -1},
                                                           {"/timestep/range", json::array({300})},
                                                           {"/timestep/range", json::array({500, 300})},
                                                           {"/timestep/range", json::array({300, 300})},
                                                           {"/timestep/range", json::array({300, 1001})},
                                                           {"/timestep/range", "300-500"},
                                                           {"/text/length", 2},
                                                           {"/text/vocab", ""},
                                                           {"/taps", json::array()},
                                                           {"/taps", json::array({"a", "a"})},
                                                           {"/taps", json::array({1})},
                                                           {"/taps", json::array({""})},
                                                           {"/threshold", 1.1},
                                                           {"/threshold", -0.1},
                                                           {"/threshold", nullptr},
                                                           {"/methods", json::object()},
                                                           {"/methods", json::array()},
                                                           {"/default_method", "best"},
                                                           {"/precision", "fp8"},
                                                           {"/unet_context", "none"},
                                                           {"/unet_context", 1},
                                                           {"/dtype", "int4"},
                                                           {"/files/unet.pt/bytes", -1},
                                                           {"/files/unet.pt/bytes", "12"},
                                                           {"/files/unet.pt/sha256", "abc"},
                                                           {"/files/unet.pt/sha256", std::string(64, 'A')},
                                                           {"/files/unet.pt/sha256", std::string(64, 'g')}};
  for (const auto& [pointer, value] : wrong) {
    const json::json_pointer place(pointer);
    const json& replacement = value;
    EXPECT_NE(complaint([&](json& m) { m[place] = replacement; }), "") << pointer << " = " << value;
  }
  EXPECT_EQ(complaint([](json& m) { m["timestep"]["range"] = {0, 1000}; }), "");
  EXPECT_EQ(complaint([](json& m) { m["image"]["area"] = 4096; }), "");
  EXPECT_EQ(complaint([](json& m) { m["threshold"] = 0; }), "");
}

TEST(Manifest, RefusesFilesOutsideTheFolder) {
  for (const char* name : {"../unet.pt", "/etc/passwd", "a/b.pt", "a\\b.pt", "..", ".", ""}) {
    EXPECT_NE(complaint([&](json& m) { m["methods"]["znet"]["file"] = name; }), "") << name;
    EXPECT_NE(complaint([&](json& m) { m["text"]["vocab"] = name; }), "") << name;
    EXPECT_NE(complaint([&](json& m) { m["files"][name] = m["files"]["znet.pt"]; }), "") << name;
  }
  EXPECT_NE(complaint([&](json& m) { m["text"]["merges"] = std::string("merges\0.txt", 11); }), "");
}

TEST(Manifest, RequiresAnEntryForEveryFile) {
  for (const char* name : {"vae_encoder.pt", "text_encoder.pt", "unet.pt", "ldznet.pt", "vocab.json", "merges.txt"})
    EXPECT_NE(complaint([&](json& m) { m["files"].erase(name); }).find(name), std::string::npos) << name;
  EXPECT_EQ(complaint([](json& m) {
              m["methods"] = {{"rgbnet", {{"file", "rgbnet.pt"}}}};
              m["default_method"] = "rgbnet";
              m["taps"] = json::array();
              for (const char* name : {"vae_encoder.pt", "unet.pt", "ldznet.pt", "znet.pt"}) m["files"].erase(name);
            }),
            "")
      << "RGBNet needs neither VAE nor UNet";
}

}  // namespace
}  // namespace ldznet
