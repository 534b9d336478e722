#include "bundle/read_module.h"

#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/operator_upgraders/upgraders_entry.h>
#include <torch/csrc/jit/operator_upgraders/version_map.h>
#include <torch/csrc/jit/serialization/import_source.h>
#include <torch/csrc/jit/serialization/unpickler.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bundle/class_texts.h"
#include "bundle/mapped_weight.h"

namespace ldznet {

namespace {

/// Serves a file's bytes to the archive reader.
class MemoryReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MemoryReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::size_t size() const override { return bytes_.size(); }
  std::size_t read(std::uint64_t position, void* buffer, std::size_t count, const char* /*what*/) const override {
    if (position >= size()) return 0;
    const std::size_t taken = std::min<std::size_t>(count, size() - position);
    std::memcpy(buffer, bytes_.data() + position, taken);
    return taken;
  }

 private:
  std::span<const std::byte> bytes_;
};

/// An archive: source texts, pickled objects and the weights that these refer to.
class Archive {
 public:
  Archive(std::shared_ptr<const VerifiedFile> file, const std::vector<std::string>& methods)
      : file_(std::move(file)),
        methods_(methods),
        reader_(std::make_shared<MemoryReader>(file_->bytes())),
        texts_([this](const std::string& module) { return original_text(module); }),
        unit_(std::make_shared<torch::jit::CompilationUnit>()),
        importer_(
            unit_, &constants_, [this](const std::string& qualifier) { return source(qualifier); }, reader_.version()) {
  }

  torch::jit::Module module() {
    const c10::IValue constants = unpickle("constants");
    for (const c10::IValue& constant : constants.toTupleRef().elements()) constants_.push_back(constant);
    return torch::jit::Module(unpickle("data").toObject());
  }

 private:
  /// The text of a Python module in the archive; nothing if there is none.
  std::optional<std::string> original_text(const std::string& module) {
    const std::string record = record_of(module);
    if (!reader_.hasRecord(record)) return std::nullopt;
    const auto [text, size] = reader_.getRecord(record);
    std::string whole(static_cast<const char*>(text.get()), size);
    if (network_.prefix() == module) whole = without_other_methods(whole, network_.name(), methods_);
    whole = with_short_functions(module, std::move(whole));
    if (uses_changed_operator(whole)) torch::jit::populate_upgraders_graph_map();  // compiles all, so only if needed
    return whole;
  }

  /// Whether a text calls an operator that has changed since the archive was written.
  bool uses_changed_operator(const std::string& text) const {
    return std::ranges::any_of(torch::jit::get_operator_version_map(), [&](const auto& changed) {
      const auto& [name, changes] = changed;  // "aten::div.Tensor", oldest change first
      const std::size_t base = name.rfind(':') + 1;
      return static_cast<std::uint64_t>(changes.back().bumped_at_version) > reader_.version() &&
             text.find('.' + name.substr(base, name.find('.', base) - base) + '(') != std::string::npos;
    });
  }

  static std::string record_of(const std::string& module) {
    std::string name = "code/" + module + ".py";
    std::replace(name.begin(), name.end() - 3, '.', '/');
    return name;
  }

  /// The source that defines a Python module's classes and functions; nothing if there is none.
  std::shared_ptr<torch::jit::Source> source(const std::string& module) {
    std::optional<std::string> text = texts_.text(module);
    return text ? std::make_shared<torch::jit::Source>(std::move(*text), record_of(module), 1) : nullptr;
  }

  c10::IValue unpickle(const std::string& name) {
    const auto [pickle, size] = reader_.getRecord(name + ".pkl");
    std::span<const char> left(static_cast<const char*>(pickle.get()), size);
    const auto read = [&left](char* into, std::size_t count) {
      count = std::min(count, left.size());
      std::memcpy(into, left.data(), count);
      left = left.subspan(count);
      return count;
    };
    const auto type_of = [this](const c10::QualifiedName& type) {
      if (network_.name().empty()) network_ = type;
      return c10::StrongTypePtr(unit_, importer_.loadType(texts_.shared_name(type.qualifiedName())));
    };
    const auto weight = [this, &name](const std::string& record) {
      // Constants stay in the methods, so they cannot stay in the file.
      return name == "data" ? data(name + "/" + record) : std::get<0>(reader_.getRecord(name + "/" + record));
    };
    torch::jit::Unpickler unpickler(read, type_of, make_object, weight, at::kCPU);
    unpickler.set_version(reader_.version());
    return unpickler.parse_ivalue();
  }

  static c10::intrusive_ptr<c10::ivalue::Object> make_object(const c10::StrongTypePtr& type, const c10::IValue& state) {
    const auto owner = type.type_->expect<c10::ClassType>();
    if (owner->findMethod("__setstate__") != nullptr)
      throw std::runtime_error(owner->repr_str() + " has a method __setstate__, which no network of a bundle needs");
    const auto values = state.toGenericDict();
    auto object = c10::ivalue::Object::create(type, owner->numAttributes());
    for (std::size_t i = 0; i < owner->numAttributes(); ++i) object->setSlot(i, values.at(owner->getAttributeName(i)));
    return object;
  }

  /// The bytes of a weight: those in the file, or a copy if they are compressed or not aligned.
  at::DataPtr data(const std::string& record) {
    const std::size_t at = reader_.getRecordOffset(record), count = reader_.getRecordSize(record);
    if (!is_stored(record) || at % kAlignment != 0 || at > file_->bytes().size() || count > file_->bytes().size() - at)
      return std::get<0>(reader_.getRecord(record));
    std::shared_ptr<const MappedWeight>& weight = weights_[record];
    if (!weight) weight = std::make_shared<const MappedWeight>(file_, at, count);
    return data_of(weight);
  }

  /// Whether a record is in the file as it is: its local header's method of compression is 0.
  bool is_stored(const std::string& record) {
    constexpr std::size_t kMethod = 8;  // its place in the header, two bytes
    const auto header = file_->bytes().subspan(reader_.getRecordHeaderOffset(record));
    return header.size() > kMethod + 1 && header[kMethod] == std::byte{0} && header[kMethod + 1] == std::byte{0};
  }

  static constexpr std::size_t kAlignment = 64;  // of what LibTorch writes

  std::shared_ptr<const VerifiedFile> file_;
  const std::vector<std::string>& methods_;
  c10::QualifiedName network_;  ///< the class of the whole network, the first one in the pickled data
  caffe2::serialize::PyTorchStreamReader reader_;
  ClassTexts texts_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  std::vector<c10::IValue> constants_;
  torch::jit::SourceImporter importer_;
  std::map<std::string, std::shared_ptr<const MappedWeight>> weights_;  ///< by record: tensors may share one
};

}  // namespace

torch::jit::Module read_module(std::shared_ptr<const VerifiedFile> file, const std::vector<std::string>& methods) {
  return Archive(std::move(file), methods).module();
}

}  // namespace ldznet
