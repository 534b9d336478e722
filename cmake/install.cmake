# The install tree: the program, the library with its headers, the shipped model, and what find_package(ldznet) and
# pkg-config read.
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
