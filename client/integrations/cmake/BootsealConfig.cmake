# find_package(Bootseal): the function bootseal_sign_image, and the program that
# it runs. Nothing is asked of a server while a project is configured.
include(${CMAKE_CURRENT_LIST_DIR}/BootsealSign.cmake)

if(NOT BOOTSEAL_PROGRAM)
  set(Bootseal_FOUND FALSE)
  set(Bootseal_NOT_FOUND_MESSAGE
      "no program bootseal; put its folder into PATH, or give -DBOOTSEAL_PROGRAM=FILE")
endif()
