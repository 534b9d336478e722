#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace ldznet {

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
