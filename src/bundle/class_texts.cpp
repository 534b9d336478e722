#include "bundle/class_texts.h"

#include <algorithm>
#include <string_view>

namespace ldznet {

namespace {

constexpr std::string_view kNames = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
constexpr const char* kRoot = "__torch__.";  // what names of classes and functions start with
constexpr const char* kSelf = "\1";          // stands for a module's own name while its text is compared

/// Whether a line is "  name : Final[type] = value", a constant of a class, and no method of the module reads it.
bool is_unread_constant(const std::string& line, const std::string& text) {
  constexpr std::string_view kIndent = "  ";
  if (!line.starts_with(kIndent)) return false;
  const std::size_t end = line.find_first_not_of(kNames, kIndent.size());
  if (end == std::string::npos || !std::string_view(line).substr(end).starts_with(" : Final[")) return false;
  return text.find('.' + line.substr(kIndent.size(), end - kIndent.size())) == std::string::npos;
}

std::string without_unread_constants(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, next - at);
    if (!is_unread_constant(line, text)) kept += line;
    at = next;
  }
  return kept;
}

/// The text with every name of a class or function replaced by `rename(name)`.
template <typename Rename>
std::string with_names(const std::string& text, Rename rename) {
  static const std::string kParts = std::string(kNames) + '.';
  std::string renamed;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t name = std::min(text.find(kRoot, at), text.size());
    const std::size_t end = std::min(text.find_first_not_of(kParts, name), text.size());
    renamed += text.substr(at, name - at) + (name < end ? rename(text.substr(name, end - name)) : "");
    at = end;
  }
  return renamed;
}

}  // namespace

std::string ClassTexts::shared_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : entry(name.substr(0, dot)).shared + name.substr(dot);
}

const ClassTexts::Entry& ClassTexts::entry(const std::string& module) {
  const auto [found, is_new] = entries_.try_emplace(module, Entry{module, std::nullopt});
  Entry& entry = found->second;
  if (!is_new) return entry;
  const std::optional<std::string> original = read_(module);
  if (!original) return entry;
  const std::string own = module + '.';
  const std::string compared = with_names(without_unread_constants(*original), [&](const std::string& name) {
    const bool is_own = name.starts_with(own) && name.find('.', own.size()) == std::string::npos;
    return is_own ? kSelf + name.substr(module.size()) : shared_name(name);
  });
  entry.shared = first_.try_emplace(compared, module).first->second;
  std::string& text = entry.text.emplace();
  for (const char c : compared) c == * kSelf ? text += module : text += c;
  return entry;
}

}  // namespace ldznet
