# The install tree: the program, the library with its headers, the shipped model, and what find_package(ldznet), man,
# shells and pkg-config read. It can be moved as a whole.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/ldznet)
configure_package_config_file(cmake/ldznetConfig.cmake.in ldznetConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(ldznetConfigVersion.cmake COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH pc_to_prefix /usr/${CMAKE_INSTALL_LIBDIR}/pkgconfig /usr)
configure_file(cmake/ldznet.pc.in ldznet.pc @ONLY)

install(TARGETS ldznet)
install(TARGETS ldznet_core EXPORT ldznetTargets)
install(EXPORT ldznetTargets NAMESPACE ldznet:: DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/ldznetConfig.cmake ${PROJECT_BINARY_DIR}/ldznetConfigVersion.cmake
        DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/ldznet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY include/ldznet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models/ldznet-mini DESTINATION ${CMAKE_INSTALL_DATADIR}/ldznet/models)
install(FILES LICENSE NOTICE docs/ldznet-1.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_BINARY_DIR}/ldznet.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_BINARY_DIR}/ldznet.bash RENAME ldznet
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PROJECT_BINARY_DIR}/_ldznet DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${PROJECT_BINARY_DIR}/ldznet.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# LibTorch. The library looks for it in a folder beside itself, which is a link to the LibTorch of the build or, with
# LDZNET_BUNDLE_TORCH, has copies of its libraries. `cmake --install ... --component libtorch` puts them there later. A
# package, which is installed below DESTDIR, gets no link: it would lead to a folder of whoever builds it.
set(torch_folder ${CMAKE_INSTALL_LIBDIR}/${LDZNET_TORCH_FOLDER})
if(LDZNET_BUNDLE_TORCH)
  set(unless_bundled EXCLUDE_FROM_ALL)
else()
  set(unless_linked EXCLUDE_FROM_ALL)
endif()
# Never through the link of an earlier installation into the other LibTorch.
set(find_torch_folder "set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${torch_folder}\")
  file(REMOVE_RECURSE \"\${folder}\")")
install(CODE "if(\"\$ENV{DESTDIR}\" STREQUAL \"\")
  ${find_torch_folder}
  get_filename_component(beside \"\${folder}\" DIRECTORY)
  file(MAKE_DIRECTORY \"\${beside}\")
  file(CREATE_LINK \"${torch_libraries}\" \"\${folder}\" SYMBOLIC)
  endif()" COMPONENT torch-link ${unless_bundled})
file(GLOB bundled ${torch_libraries}/*.so*)
# Not what Python and LibTorch's own tests use.
list(FILTER bundled INCLUDE REGEX "/lib(torch|torch_c[^/]*|c10[^/]*|caffe2[^/]*|gomp[^/]*|iomp[^/]*|mkl[^/]*|cu[^/]*|nv[^/]*)\\.so[^/]*$")
file(GLOB torch_licence ${torch_libraries}/../../torch-*.dist-info/licenses/LICENSE ${torch_libraries}/../LICENSE)
install(CODE "${find_torch_folder}" COMPONENT libtorch ${unless_linked})
install(FILES ${bundled} DESTINATION ${torch_folder} COMPONENT libtorch ${unless_linked})
install(FILES ${torch_licence} RENAME LICENSE.libtorch DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT libtorch
        ${unless_linked})

# cpack -G DEB
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The ldznet authors")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip)  # weights do not get smaller; xz takes minutes to find that out
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${torch_libraries})
include(CPack)
