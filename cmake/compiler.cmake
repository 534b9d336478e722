# Language standard, warnings, build folders and ccache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# The program looks for its library in its own folder.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

# Libraries are looked for relative to the binary, in the build folder as in an install tree (see install.cmake). CMake
# would add folders that LibTorch's package names whether they exist or not.
set(LDZNET_TORCH_FOLDER ldznet-libtorch)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH "")

add_compile_options(-Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false positives of GCC 12 in std::string's operator+
endif()

# Hardening. The linker's part is free; the compiler's is an option, because it needs optimisation and is of no use beside
# the sanitizers. LibTorch and the other libraries are as their makers built them.
include(CheckPIESupported)
check_pie_supported()
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

# For the program and the library, not for tests: those are not optimised and convert numbers freely.
set(LDZNET_OWN_OPTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # Clang's warns about far more
  list(APPEND LDZNET_OWN_OPTIONS -Wconversion)
  if(LDZNET_TESTS)  # an error for developers only: later compilers may warn about more
    list(APPEND LDZNET_OWN_OPTIONS -Werror=conversion)
  endif()
endif()
if(LDZNET_HARDENING)
  list(APPEND LDZNET_OWN_OPTIONS -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND LDZNET_OWN_OPTIONS -fcf-protection)
  endif()
endif()

# Classes in LibTorch's headers have members that exist only without NDEBUG; the library was built with it.
add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:NDEBUG>)
add_compile_definitions(LDZNET_VERSION="${PROJECT_VERSION}")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache caches files that use a precompiled header only with these settings.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
