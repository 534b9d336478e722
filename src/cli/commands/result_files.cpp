#include "cli/commands/result_files.h"

#include "base/files/atomic_file.h"
#include "cli/args/common_options.h"
#include "cli/process/standard_output.h"
#include "output/names.h"
#include "output/output_checks.h"

namespace ldznet::cli {

std::filesystem::path drawing_file(const std::string& output, const std::string& name, const std::string& ending) {
  std::filesystem::path path = output.empty() ? kDefaultOutput : output;
  return is_one_file(path) ? path : path / fitted_name(safe_path(name), ending);
}

void check_result_file(const std::filesystem::path& file, bool overwrite) {
  check_not_existing(file, overwrite);
  check_writable(file.parent_path());
  remove_stale_temporaries(file.has_parent_path() ? file.parent_path() : ".");
}

void write_result(const std::string& file, std::string_view text) {
  if (file == "-")
    write_stdout(text);
  else
    write_file(file, text);
}

}  // namespace ldznet::cli
