# The libraries ldznet is built on.

# LibTorch: the one that Torch_DIR or CMAKE_PREFIX_PATH names, else the one in .venv's PyTorch.
set(venv_python ${PROJECT_SOURCE_DIR}/.venv/bin/python)
if(NOT Torch_DIR AND NOT DEFINED ENV{Torch_DIR} AND NOT CMAKE_PREFIX_PATH AND NOT DEFINED ENV{CMAKE_PREFIX_PATH}
   AND EXISTS ${venv_python})
  execute_process(COMMAND ${venv_python} -c "import torch; print(torch.utils.cmake_prefix_path)"
                  OUTPUT_VARIABLE venv_torch OUTPUT_STRIP_TRAILING_WHITESPACE)
  list(APPEND CMAKE_PREFIX_PATH ${venv_torch})
endif()
find_package(Torch REQUIRED)
get_filename_component(torch_libraries ${TORCH_LIBRARY} DIRECTORY)
file(CREATE_LINK ${torch_libraries} ${PROJECT_BINARY_DIR}/${LDZNET_TORCH_FOLDER} SYMBOLIC)

find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_path(UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
if(NOT LDZNET_FUZZ)
  find_package(OpenMP REQUIRED)  # for at::parallel_for, which is defined in LibTorch's headers
endif()
if(LDZNET_NETWORKS_ONLY)
  return()
endif()

find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(VIPS REQUIRED vips>=8.13 gmodule-2.0)  # 8.13: loaders can be blocked
pkg_check_modules(PANGO REQUIRED pangocairo)  # libvips' own text renderer neither shortens text nor tells its baseline
# Debian's OpenCV package file requires the -dev package of every module; ldznet uses two.
find_path(OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)

# What the sources without LibTorch need at link time.
set(PLAIN_LIBRARIES opencv_imgproc opencv_core spdlog::spdlog nlohmann_json::nlohmann_json
    OpenSSL::Crypto ZLIB::ZLIB PNG::PNG TIFF::TIFF ${VIPS_LIBRARIES} ${PANGO_LIBRARIES}
    ${UTF8PROC_LIBRARY})
