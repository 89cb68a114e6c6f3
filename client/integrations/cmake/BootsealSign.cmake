# Signs what a target builds, with a key in the HSM, after each link.
#
#   bootseal_sign_image(<executable>
#     TARGET <name>               entry of the server's policy
#     VERSION <version>|file:<path>   MAJOR[.MINOR[.REVISION[+BUILD]]], or a
#                                 file that holds it, read at each signing
#     [SECURITY_COUNTER <n>]      default: as the policy says
#     [FORMAT bin|hex]            default: by OUTPUT's name, else bin
#     [OUTPUT <path>]             default: <executable>.signed.<format>, where
#                                 the executable goes
#     [RECEIPT <path>]            the proof that the signature is in the log
#     [VERIFY <profile>]          file of `bootseal targets export`: no other
#                                 target or key may sign, and image and receipt
#                                 are verified against it
#     [TIMEOUT <seconds>]         for all attempts to reach the server
#     [WAIT <duration>]           for people to approve: 30m, 1h30m; default:
#                                 fail, and the next build asks again
#     [OBJCOPY <program>]         default: CMAKE_OBJCOPY
#     [OBJCOPY_OPTIONS <option>...])
#
# Relative paths: VERIFY and file: are taken from the source folder, OUTPUT and
# RECEIPT from the build folder. The property BOOTSEAL_SIGNED_IMAGES of the
# executable lists what is made. Server and identity come from BOOTSEAL_* in the
# environment of the build, or from bootseal's configuration file.
#
# When the server refuses, or is not reached, the build fails with bootseal's
# own words, there is no image, and the next build tries again.
cmake_minimum_required(VERSION 3.20)

find_program(BOOTSEAL_PROGRAM bootseal
  HINTS ${CMAKE_CURRENT_LIST_DIR}/../../../bin
        ${CMAKE_CURRENT_LIST_DIR}/../../../build/release/bin
  NO_CMAKE_FIND_ROOT_PATH
  DOC "the program that signs")

set_property(GLOBAL PROPERTY BOOTSEAL_SIGN_SCRIPT
             ${CMAKE_CURRENT_LIST_DIR}/SignImage.cmake)

function(bootseal_sign_image executable)
  cmake_parse_arguments(PARSE_ARGV 1 arg ""
    "TARGET;VERSION;SECURITY_COUNTER;FORMAT;OUTPUT;RECEIPT;VERIFY;TIMEOUT;WAIT;OBJCOPY"
    "OBJCOPY_OPTIONS")
  set(call "bootseal_sign_image(${executable}):")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${call} unknown argument: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${call} no value for: ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  foreach(required TARGET VERSION)
    if("${arg_${required}}" STREQUAL "")
      message(FATAL_ERROR "${call} missing argument: ${required}")
    endif()
  endforeach()
  _bootseal_check_executable("${call}" ${executable})
  _bootseal_check_values("${call}")
  _bootseal_place_output("${call}" ${executable})

  set(depends)
  if(arg_VERSION MATCHES "^file:(.*)$")
    set(file "${CMAKE_MATCH_1}")
    get_filename_component(file "${file}" ABSOLUTE)
    list(APPEND depends "${file}")
    set(arg_VERSION "file:${file}")
  endif()
  if(arg_VERIFY)
    get_filename_component(arg_VERIFY "${arg_VERIFY}" ABSOLUTE)
    list(APPEND depends "${arg_VERIFY}")
  endif()
  # The image is made after a link: what else it is made of must cause one.
  set_property(TARGET ${executable} APPEND PROPERTY LINK_DEPENDS ${depends})
  set_property(TARGET ${executable} APPEND PROPERTY
               BOOTSEAL_SIGNED_IMAGES "${arg_OUTPUT}")

  string(REGEX REPLACE "(\\.[^./]*)$" ".payload\\1" payload "${arg_OUTPUT}")
  if(payload STREQUAL arg_OUTPUT)
    string(APPEND payload ".payload")
  endif()
  _bootseal_check_places("${call}" ${executable})
  set(options)
  foreach(name TARGET VERSION SECURITY_COUNTER OUTPUT RECEIPT VERIFY TIMEOUT
               WAIT OBJCOPY OBJCOPY_OPTIONS)
    if(NOT "${arg_${name}}" STREQUAL "")
      string(REPLACE ";" "\\;" value "${arg_${name}}")
      list(APPEND options "-DSIGN_${name}=${value}")
    endif()
  endforeach()
  get_property(script GLOBAL PROPERTY BOOTSEAL_SIGN_SCRIPT)
  add_custom_command(TARGET ${executable} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" "-DSIGN_PROGRAM=${BOOTSEAL_PROGRAM}"
            "-DSIGN_EXECUTABLE=$<TARGET_FILE:${executable}>"
            "-DSIGN_PAYLOAD=${payload}" ${options} -P "${script}"
    BYPRODUCTS "${arg_OUTPUT}" "${payload}" ${arg_RECEIPT}
    COMMENT "Signing ${executable} for ${arg_TARGET}"
    VERBATIM)
endfunction()

function(_bootseal_check_executable call executable)
  if(NOT TARGET ${executable})
    message(FATAL_ERROR "${call} there is no target ${executable}")
  endif()
  get_target_property(type ${executable} TYPE)
  get_target_property(imported ${executable} IMPORTED)
  if(NOT type STREQUAL "EXECUTABLE" OR imported)
    message(FATAL_ERROR "${call} expected an executable that is built here, "
                        "${executable} is ${type}")
  endif()
  get_target_property(folder ${executable} SOURCE_DIR)
  if(NOT folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "${call} call it in the folder that makes ${executable}: "
                        "${folder}")
  endif()
endfunction()

macro(_bootseal_check_values call)
  if(NOT BOOTSEAL_PROGRAM)
    message(FATAL_ERROR "${call} no program bootseal; put its folder into PATH, "
                        "or give -DBOOTSEAL_PROGRAM=FILE")
  endif()
  set(version "[0-9]+(\\.[0-9]+(\\.[0-9]+(\\+[0-9]+)?)?)?")
  if(NOT arg_VERSION MATCHES "^(${version}|file:.+)$")
    message(FATAL_ERROR "${call} VERSION is \"${arg_VERSION}\", expected "
            "MAJOR[.MINOR[.REVISION[+BUILD]]] or file:PATH")
  endif()
  if("${arg_OBJCOPY}" STREQUAL "")
    set(arg_OBJCOPY "${CMAKE_OBJCOPY}")
  endif()
  if(NOT arg_OBJCOPY)
    message(FATAL_ERROR "${call} CMAKE_OBJCOPY is not set, name the toolchain's "
                        "objcopy with OBJCOPY")
  endif()
  _bootseal_check_objcopy("${call}")
  if(NOT "${arg_TIMEOUT}" MATCHES "^([0-9]+(\\.[0-9]+)?)?$")
    message(FATAL_ERROR "${call} TIMEOUT is \"${arg_TIMEOUT}\", expected a "
                        "number of seconds")
  endif()
  if(NOT "${arg_WAIT}" MATCHES "^([0-9.]+[hms]?)*$")
    message(FATAL_ERROR "${call} WAIT is \"${arg_WAIT}\", expected a duration "
                        "such as 30m")
  endif()
  # A list to CMake, from here to the script that signs.
  foreach(name OUTPUT RECEIPT)
    if("${arg_${name}}" MATCHES ";")
      message(FATAL_ERROR "${call} ${name} is \"${arg_${name}}\", expected a "
                          "name without semicolon")
    endif()
  endforeach()
  if("${arg_FORMAT}" STREQUAL "")
    set(arg_FORMAT bin)
    if("${arg_OUTPUT}" MATCHES "\\.i?hex$")
      set(arg_FORMAT hex)
    endif()
  endif()
  if(NOT arg_FORMAT MATCHES "^(bin|hex)$")
    message(FATAL_ERROR "${call} FORMAT is \"${arg_FORMAT}\", expected bin or hex")
  endif()
endmacro()

# A name is looked for in PATH, as it is when it is run.
function(_bootseal_check_objcopy call)
  if(arg_OBJCOPY MATCHES "\\$<")
    return()
  endif()
  if(arg_OBJCOPY MATCHES "/")
    get_filename_component(found "${arg_OBJCOPY}" ABSOLUTE
                           BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    if(NOT EXISTS "${found}" OR IS_DIRECTORY "${found}")
      set(found FALSE)
    endif()
  else()
    find_program(_bootseal_objcopy NAMES "${arg_OBJCOPY}"
                 NO_CMAKE_FIND_ROOT_PATH)
    set(found "${_bootseal_objcopy}")
    unset(_bootseal_objcopy CACHE)
  endif()
  if(NOT found)
    message(FATAL_ERROR "${call} there is no program ${arg_OBJCOPY}, name the "
                        "toolchain's objcopy with OBJCOPY")
  endif()
endfunction()

# What is signed is removed before each signing. The executable's file as far
# as it is known now; SignImage.cmake knows it for sure.
function(_bootseal_check_places call executable)
  get_target_property(folder ${executable} RUNTIME_OUTPUT_DIRECTORY)
  get_target_property(name ${executable} OUTPUT_NAME)
  get_target_property(suffix ${executable} SUFFIX)
  if(NOT folder)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}")
  endif()
  if(NOT name)
    set(name ${executable})
  endif()
  if(suffix MATCHES "-NOTFOUND$")
    set(suffix "${CMAKE_EXECUTABLE_SUFFIX}")
  endif()
  get_filename_component(linked "${folder}/${name}${suffix}" ABSOLUTE
                         BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  foreach(place "${arg_OUTPUT}" "${arg_RECEIPT}" "${payload}")
    if(place STREQUAL linked)
      message(FATAL_ERROR "${call} ${place} would replace ${executable} itself, "
                          "give OUTPUT and RECEIPT other names")
    endif()
  endforeach()
  if(arg_RECEIPT STREQUAL arg_OUTPUT OR arg_RECEIPT STREQUAL payload)
    message(FATAL_ERROR "${call} OUTPUT and RECEIPT are both ${arg_RECEIPT}")
  endif()
endfunction()

# Absolute paths, one for each configuration.
macro(_bootseal_place_output call executable)
  get_property(several GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if("${arg_OUTPUT}" STREQUAL "")
    get_target_property(folder ${executable} RUNTIME_OUTPUT_DIRECTORY)
    if(NOT folder)
      set(folder "${CMAKE_CURRENT_BINARY_DIR}")
    endif()
    if(several AND NOT folder MATCHES "\\$<")
      string(APPEND folder "/$<CONFIG>")
    endif()
    set(arg_OUTPUT "${folder}/${executable}.signed.${arg_FORMAT}")
  endif()
  set(is_hex FALSE)
  if(arg_OUTPUT MATCHES "\\.i?hex$")
    set(is_hex TRUE)
  endif()
  if((arg_FORMAT STREQUAL "hex" AND NOT is_hex) OR
     (arg_FORMAT STREQUAL "bin" AND is_hex))
    message(FATAL_ERROR "${call} OUTPUT ${arg_OUTPUT} is not named as FORMAT "
            "${arg_FORMAT}: Intel HEX, and that alone, ends in .hex or .ihex")
  endif()
  foreach(name OUTPUT RECEIPT)
    if(several AND arg_${name} AND NOT "${arg_${name}}" MATCHES "\\$<")
      message(FATAL_ERROR "${call} ${name} ${arg_${name}} is one file for "
              "several configurations, put $<CONFIG> into its name")
    endif()
    if(arg_${name})
      get_filename_component(arg_${name} "${arg_${name}}" ABSOLUTE
                             BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    endif()
  endforeach()
  get_target_property(made ${executable} BOOTSEAL_SIGNED_IMAGES)
  if("${arg_OUTPUT}" IN_LIST made)
    message(FATAL_ERROR "${call} makes ${arg_OUTPUT} twice, give another OUTPUT")
  endif()
endmacro()
