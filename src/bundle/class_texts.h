#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ldznet {

/// The text of a module of a TorchScript archive, such as "__torch__.torch.nn.functional", in which functions of
/// PyTorch that check their arguments at length have short bodies: interpolate calls ldznet::interpolate, and
/// group_norm only torch.group_norm. They are recognized by name, parameters and default values. A network calls
/// group_norm dozens of times, and each call is a copy of the function; interpolate has 19,000 characters.
std::string with_short_functions(const std::string& module, std::string text);

/// The text without those methods of `class_name` that are neither in `wanted` nor called by a method that stays.
/// Methods whose names start with "__" stay.
std::string without_other_methods(const std::string& text, const std::string& class_name,
                                  const std::vector<std::string>& wanted);

/// The Python modules of a TorchScript archive as they are compiled when it is read, which takes most of the time of
/// loading a small network. An archive has a module such as "__torch__.torch.nn.modules.linear.___torch_mangle_7" for
/// every size of a layer. Without the constants that hold the sizes, which no method reads, most of them are equal, and
/// one of them serves for all.
class ClassTexts {
 public:
  /// `read` returns the text of a module, or nothing if the archive has none.
  using Read = std::function<std::optional<std::string>(const std::string& module)>;
  explicit ClassTexts(Read read) : read_(std::move(read)) {}

  /// The text to compile for a module; nothing if the archive has none.
  std::optional<std::string> text(const std::string& module) { return entry(module).text; }

  /// The name to use instead of a class's or function's: the same name in the first module seen with an equal text.
  std::string shared_name(const std::string& name);

 private:
  struct Entry {
    std::string shared;               ///< the first module with this text
    std::optional<std::string> text;  ///< with shared names
  };

  const Entry& entry(const std::string& module);

  Read read_;
  std::map<std::string, Entry> entries_;      ///< by module
  std::map<std::string, std::string> first_;  ///< the first module with a text
};

}  // namespace ldznet
