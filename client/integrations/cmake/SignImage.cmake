# What BootsealSign.cmake runs after a link: `cmake -DSIGN_...=... -P` this file.
# Payload, image and receipt are new or not there.
cmake_minimum_required(VERSION 3.20)

set(made "${SIGN_PAYLOAD}" "${SIGN_OUTPUT}" ${SIGN_RECEIPT})

set(meaning_1 "refused")
set(meaning_2 "wrong usage")
set(meaning_3 "waiting for approvals")
set(meaning_4 "server not reached")
set(meaning_5 "local file")

function(fail)
  file(REMOVE ${made})
  string(CONCAT text ${ARGN})
  message(FATAL_ERROR "${text}")
endfunction()

# run(WHAT PROGRAM ARGUMENT...) with the program's own words where they belong.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(status EQUAL 0)
    return()
  endif()
  if(DEFINED meaning_${status} AND what MATCHES "^bootseal ")
    string(APPEND status " (${meaning_${status}})")
  endif()
  fail("${what}: exit status ${status}, ${SIGN_OUTPUT} is not made")
endfunction()

function(read_version file)
  if(NOT EXISTS "${file}")
    fail("no version: there is no file ${file}")
  endif()
  file(STRINGS "${file}" lines)
  list(LENGTH lines count)
  if(NOT count EQUAL 1)
    fail("version file ${file} has ${count} lines, expected one with "
         "MAJOR[.MINOR[.REVISION[+BUILD]]]")
  endif()
  string(STRIP "${lines}" version)
  set(SIGN_VERSION "${version}" PARENT_SCOPE)
endfunction()

foreach(file ${made})
  get_filename_component(file "${file}" REALPATH)
  get_filename_component(linked "${SIGN_EXECUTABLE}" REALPATH)
  if(file STREQUAL linked)
    message(FATAL_ERROR "${file} is the executable itself, give OUTPUT and "
                        "RECEIPT other names")
  endif()
endforeach()

# An image of an earlier build must not pass for this one's.
file(REMOVE ${made})
foreach(file ${made})
  get_filename_component(folder "${file}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
endforeach()

if(SIGN_VERSION MATCHES "^file:(.*)$")
  read_version("${CMAKE_MATCH_1}")
endif()

set(form binary)
if(SIGN_PAYLOAD MATCHES "\\.i?hex$")
  set(form ihex)
endif()
run("${SIGN_OBJCOPY}" "${SIGN_OBJCOPY}" -O ${form} ${SIGN_OBJCOPY_OPTIONS}
    "${SIGN_EXECUTABLE}" "${SIGN_PAYLOAD}")

set(receipt)
if(DEFINED SIGN_RECEIPT)
  set(receipt --receipt "${SIGN_RECEIPT}")
endif()
set(options ${receipt})
if(DEFINED SIGN_SECURITY_COUNTER)
  list(APPEND options --security-counter "${SIGN_SECURITY_COUNTER}")
endif()
if(DEFINED SIGN_WAIT)
  list(APPEND options --wait "${SIGN_WAIT}")
endif()
if(DEFINED SIGN_TIMEOUT)
  list(APPEND options --timeout "${SIGN_TIMEOUT}")
endif()
if(DEFINED SIGN_VERIFY)
  list(APPEND options --profile "${SIGN_VERIFY}")
endif()
run("bootseal sign --target ${SIGN_TARGET} --version ${SIGN_VERSION}"
    "${SIGN_PROGRAM}" sign --target "${SIGN_TARGET}" --version "${SIGN_VERSION}"
    ${options} -o "${SIGN_OUTPUT}" "${SIGN_PAYLOAD}")
if(DEFINED SIGN_VERIFY)
  run("bootseal verify --profile ${SIGN_VERIFY}" "${SIGN_PROGRAM}" verify
      --profile "${SIGN_VERIFY}" ${receipt} "${SIGN_OUTPUT}")
endif()
