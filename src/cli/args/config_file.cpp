#include "cli/args/config_file.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "ldznet/error.h"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace ldznet::cli {

namespace {

constexpr const char* kHint = "The file is TOML; its keys are long option names: threshold = 0.4";

std::string place(const std::string& file, const toml::source_position& position) {
  return file + ", line " + std::to_string(position.line);
}

/// A single value as text, as the command line would have it.
std::string scalar(const toml::node& node, const std::string& origin) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* number = node.as_floating_point()) {
    char digits[64];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number->get());
    if (error == std::errc()) return {digits, end};
  }
  throw Error(ErrorCode::bad_config, origin + " must be a string, a number, true, false, or a list of these", kHint);
}

void read_table(const toml::table& table, const std::string& file, const std::string& command, bool top,
                ConfigFile& content) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (top && node.is_table()) {
      if (name == command)
        read_table(*node.as_table(), file, command, false, content);
      else
        content.other_tables.push_back({name, {}, place(file, node.source().begin)});
      continue;
    }
    Setting setting{name, {}, place(file, node.source().begin) + ": " + name};
    if (const auto* list = node.as_array()) {
      for (const toml::node& element : *list) setting.values.push_back(scalar(element, setting.origin));
    } else {
      setting.values.push_back(scalar(node, setting.origin));
    }
    content.settings.push_back(std::move(setting));
  }
}

}  // namespace

ConfigFile read_config_file(const std::string& file, const std::string& command) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found)
    throw Error(ErrorCode::missing_input, "there is no configuration file " + file, "Check --config.");
  if (!std::filesystem::is_regular_file(status))
    throw Error(ErrorCode::bad_config, "the configuration file " + file + " is not a regular file", kHint);
  std::ifstream stream(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (!stream)
    throw Error(ErrorCode::bad_config, "cannot read the configuration file " + file, "Check its permissions.");
  ConfigFile read;
  try {
    read_table(toml::parse(content, file), file, command, true, read);
  } catch (const toml::parse_error& wrong) {
    throw Error(ErrorCode::bad_config, place(file, wrong.source().begin) + ": " + std::string(wrong.description()),
                kHint);
  }
  return read;
}

}  // namespace ldznet::cli
