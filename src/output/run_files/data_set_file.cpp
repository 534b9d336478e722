#include "output/run_files/data_set_file.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/paths.h"

namespace ldznet {

using Json = nlohmann::ordered_json;

namespace {

std::string name_from(const std::filesystem::path& folder, const std::string& image) {
  if (folder.empty() || image == "-") return image;
  return full_path(image).lexically_relative(full_path(folder)).string();
}

}  // namespace

DataSetFile::DataSetFile(const std::filesystem::path& file, const std::string& description,
                         std::filesystem::path relative_to)
    : file_(file), annotations_(file), relative_to_(std::move(relative_to)) {
  file_.write(R"({"info":)" + json_text(Json{{"description", description}}) + R"(,"licenses":[],"images":[)");
}

std::size_t DataSetFile::add_image(const std::string& name, int width, int height) {
  const Json image = {
      {"id", ++images_}, {"file_name", name_from(relative_to_, name)}, {"width", width}, {"height", height}};
  file_.write(image_elements_.next(image));
  return images_;
}

void DataSetFile::add_annotation(const Json& annotation) { annotations_.write(annotation_elements_.next(annotation)); }

void DataSetFile::finish(const Json& categories) {
  file_.write(R"(],"categories":)" + json_text(categories) + R"(,"annotations":[)");
  annotations_.copy_to(file_);
  file_.write("]}\n");
  file_.commit();
}

}  // namespace ldznet
