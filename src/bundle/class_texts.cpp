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

/// A function of PyTorch as it is written in archives, and the body to use instead.
struct Function {
  std::string header;
  std::string_view body;
};

/// torch.nn.functional.interpolate for these types of the size and the factor.
Function interpolate(const std::string& size, const std::string& factor) {
  return {"def interpolate(input: Tensor,\n    size: Optional[" + size + "]=None,\n    scale_factor: Optional[" +
              factor +
              R"(]=None,
    mode: str="nearest",
    align_corners: Optional[bool]=None,
    recompute_scale_factor: Optional[bool]=None,
    antialias: bool=False) -> Tensor:
)",
          "  return ops.ldznet.interpolate(input, size, scale_factor, mode, align_corners, recompute_scale_factor, "
          "antialias)\n"};
}

const Function kFunctions[] = {
    interpolate("List[int]", "List[float]"),
    interpolate("int", "float"),
    {R"(def group_norm(input: Tensor,
    num_groups: int,
    weight: Optional[Tensor]=None,
    bias: Optional[Tensor]=None,
    eps: float=1.0000000000000001e-05) -> Tensor:
)",
     "  return torch.group_norm(input, num_groups, weight, bias, eps)\n"},
};

constexpr std::string_view kMethod = "\n  def ";

/// Where the definition at `at` ends: the next line at its own depth that starts with `next`, or `end`.
std::size_t definition_end(std::string_view text, std::size_t at, std::string_view next, std::size_t end) {
  return std::min(text.find(next, at), end - 1) + 1;
}

/// A method of a class and where its lines are.
struct Method {
  std::string_view name, text;
  bool stays;
};

}  // namespace

std::string with_short_functions(const std::string& module, std::string text) {
  if (!module.starts_with("__torch__.torch.nn.functional")) return text;
  for (const auto& [header, body] : kFunctions) {
    const std::size_t at = text.find(header);
    if (at == std::string::npos) continue;
    const std::size_t first = at + header.size();
    text.replace(first, definition_end(text, first - 1, "\ndef ", text.size()) - first, body);
  }
  return text;
}

std::string without_other_methods(const std::string& text, const std::string& class_name,
                                  const std::vector<std::string>& wanted) {
  const std::string_view all = text;
  const std::size_t begin = all.find("class " + class_name + "(");
  if (begin == std::string::npos) return text;
  const std::size_t end =
      std::min(definition_end(all, begin, "\nclass ", all.size()), definition_end(all, begin, "\ndef ", all.size()));
  std::vector<Method> methods;
  const std::size_t first = definition_end(all, begin, kMethod, end);
  for (std::size_t at = first; at < end;) {
    const std::size_t next = definition_end(all, at, kMethod, end);
    const std::size_t name = at + kMethod.size() - 1;
    methods.push_back({all.substr(name, all.find('(', name) - name), all.substr(at, next - at), false});
    at = next;
  }
  std::vector<std::string_view> stay;  // grows while it is read
  const auto keep_if = [&](auto&& condition) {
    for (Method& method : methods)
      if (!method.stays && condition(method.name)) {
        method.stays = true;
        stay.push_back(method.text);
      }
  };
  keep_if(
      [&](std::string_view name) { return name.starts_with("__") || std::ranges::find(wanted, name) != wanted.end(); });
  for (std::size_t i = 0; i < stay.size(); ++i)
    keep_if([caller = stay[i]](std::string_view name) {
      return caller.find(")." + std::string(name) + "(") != std::string_view::npos;
    });
  std::string kept = text.substr(0, first);
  for (const Method& method : methods)
    if (method.stays) kept += method.text;
  return kept + text.substr(end);
}

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
