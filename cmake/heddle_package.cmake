# One package, `find_package(heddle [COMPONENTS module...])`, with one target a module.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heddle)
configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/heddleConfig.cmake.in ${PROJECT_BINARY_DIR}/heddleConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(FILES ${PROJECT_SOURCE_DIR}/docs/examples/heddle_gdb.py
    DESTINATION ${CMAKE_INSTALL_DATADIR}/heddle)
install(EXPORT heddleTargets NAMESPACE heddle:: DESTINATION ${package_dir})
install(FILES
    ${PROJECT_BINARY_DIR}/heddleConfig.cmake
    ${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/cmake/FindBacktraceLib.cmake
    DESTINATION ${package_dir})
