#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "base/log.h"
#include "bundle/verified_file.h"
#include "cli/process/load_pipeline.h"
#include "cli/process/run.h"
#include "cli/process/standard_output.h"
#include "cli/process/text_input.h"
#include "ldznet/bundle.h"
#include "text/tokenizer.h"

namespace ldznet::cli {

int run(const TokenizeCommand& command) {
  const std::filesystem::path bundle = bundle_folder(command.model);
  const Tokenizer tokenizer = Tokenizer::of_bundle(bundle, read_manifest(bundle),
                                                   command.trust_unverified ? OnMismatch::warn : OnMismatch::refuse);
  const bool from_stdin = command.text.front() == "-";
  for (const std::string& prompt : from_stdin ? read_lines("-", "TEXT") : command.text) {
    bool truncated = false;
    const auto ids = tokenizer.encode(prompt, &truncated);
    if (truncated)
      log::warn("\"" + prompt + "\" has more than " + std::to_string(tokenizer.length()) + " tokens and is cut");
    write_stdout(json_text(nlohmann::json(ids)) + "\n");
  }
  return 0;
}

}  // namespace ldznet::cli
