#include "image/vips_picture.h"

#include <dlfcn.h>
#include <gmodule.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "ldznet/error.h"

namespace ldznet {
namespace {

using BufferLoader = int (*)(void* buffer, std::size_t length, VipsImage** out, ...);

struct Loader {
  PictureType type;
  const char* operation;  ///< its class in libvips
  BufferLoader load;      ///< none for PNM, which is loaded from a "source"
  const char* module;     ///< the module of libvips that has it; none: libvips itself
};

constexpr std::array kLoaders = {
    Loader{PictureType::png, "VipsForeignLoadPngBuffer", vips_pngload_buffer, nullptr},
    Loader{PictureType::jpeg, "VipsForeignLoadJpegBuffer", vips_jpegload_buffer, nullptr},
    Loader{PictureType::webp, "VipsForeignLoadWebpBuffer", vips_webpload_buffer, nullptr},
    Loader{PictureType::tiff, "VipsForeignLoadTiffBuffer", vips_tiffload_buffer, nullptr},
    Loader{PictureType::pnm, "VipsForeignLoadPpmSource", nullptr, nullptr},
    Loader{PictureType::gif, "VipsForeignLoadNsgifBuffer", vips_gifload_buffer, nullptr},
    Loader{PictureType::heic, "VipsForeignLoadHeifBuffer", vips_heifload_buffer, "vips-heif"},
    Loader{PictureType::avif, "VipsForeignLoadHeifBuffer", vips_heifload_buffer, "vips-heif"},
    Loader{PictureType::jxl, "VipsForeignLoadJxlBuffer", vips_jxlload_buffer, "vips-jxl"},
    Loader{PictureType::jp2, "VipsForeignLoadJp2kBuffer", vips_jp2kload_buffer, nullptr},
};

/// Blocks every loader but those above, and every saver but JPEG's. Classes of a module exist only when it is loaded,
/// so this is done after each.
void allow_our_loaders_only() {
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  vips_operation_block_set("VipsForeignSave", TRUE);
  for (const Loader& loader : kLoaders) vips_operation_block_set(loader.operation, FALSE);
  vips_operation_block_set("VipsForeignSaveJpegBuffer", FALSE);
}

/// Loads a module of libvips, such as vips-modules-8.14/vips-heif.so beside it. vips_init would load all of them, with
/// ImageMagick, Poppler and OpenSlide, which ldznet must not use.
void load_module(const char* name) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  Dl_info library{};
  if (dladdr(reinterpret_cast<void*>(vips_init), &library) == 0) return;
  const std::string folder =
      "vips-modules-" + std::to_string(VIPS_MAJOR_VERSION) + "." + std::to_string(VIPS_MINOR_VERSION);
  const auto path = std::filesystem::path(library.dli_fname).parent_path() / folder / (std::string(name) + ".so");
  GModule* module = g_module_open(path.c_str(), G_MODULE_BIND_LAZY);
  if (module == nullptr) return;
  g_module_make_resident(module);
  allow_our_loaders_only();
}

thread_local bool warned = false;  // whether libvips has warned in this thread

void note_warning(const char* /*domain*/, GLogLevelFlags level, const char* /*text*/, void* /*data*/) {
  warned = warned || (level & G_LOG_LEVEL_WARNING) != 0;
}

void start_once() {
  // Where vips_init finds no modules.
  const char* home = std::getenv("VIPSHOME");
  const std::string before = home == nullptr ? "" : home;
  setenv("VIPSHOME", "/dev/null", 1);
  const int failed = VIPS_INIT("ldznet");
  if (home == nullptr) {
    unsetenv("VIPSHOME");
  } else {
    setenv("VIPSHOME", before.c_str(), 1);
  }
  if (failed != 0) throw Error(ErrorCode::internal, std::string("libvips cannot be started: ") + vips_error_buffer());
  for (const char* domain : {"VIPS", "GLib", "GLib-GObject"}) {
    g_log_set_handler(domain, static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_ERROR), note_warning,
                      nullptr);
  }
  vips_cache_set_max(0);
  allow_our_loaders_only();
}

VipsPicture load_pnm(std::span<const std::byte> encoded, VipsFailOn fail_on) {
  VipsSource* source = vips_source_new_from_memory(encoded.data(), encoded.size());
  if (source == nullptr) return nullptr;
  VipsPicture picture = result_of([&](VipsImage** out) {
    return vips_ppmload_source(source, out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, nullptr);
  });
  g_object_unref(source);
  return picture;
}

}  // namespace

void start_vips() {
  static std::once_flag once;
  std::call_once(once, start_once);
}

VipsPicture load_picture(PictureType type, std::span<const std::byte> encoded, int page) {
  start_vips();
  for (const Loader& loader : kLoaders) {
    if (loader.type != type) continue;
    if (loader.module != nullptr && g_type_from_name(loader.operation) == 0) load_module(loader.module);
    // libjpeg tells of damage by warnings only. Other libraries' warnings are about metadata.
    const VipsFailOn fail_on = type == PictureType::jpeg ? VIPS_FAIL_ON_WARNING : VIPS_FAIL_ON_ERROR;
    if (loader.load == nullptr) return load_pnm(encoded, fail_on);
    void* data = const_cast<std::byte*>(encoded.data());
    const char* page_option = type == PictureType::tiff ? "page" : nullptr;  // ends the list of options
    return result_of([&](VipsImage** out) {
      return loader.load(data, encoded.size(), out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, page_option,
                         page, nullptr);
    });
  }
  return nullptr;
}

std::span<const std::byte> metadata(VipsImage* image, const char* name) {
  const void* data = nullptr;
  std::size_t length = 0;
  if (vips_image_get_typeof(image, name) != VIPS_TYPE_BLOB || vips_image_get_blob(image, name, &data, &length) != 0)
    return {};
  return {static_cast<const std::byte*>(data), length};
}

bool close_picture(VipsPicture picture) {
  warned = false;
  picture.reset();
  return warned;
}

std::string take_vips_error() {
  start_vips();  // before that, there is no buffer
  std::string text = vips_error_buffer();
  vips_error_clear();
  return text;
}

}  // namespace ldznet
