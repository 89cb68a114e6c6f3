# bootseal_board(NAME CORE SOURCE...) with CORE dsp or nodsp, and in the SOURCEs,
# beside the folder's board.cc, the functions of flash.h and led.h, and where the
# board has them those of counters.h, otp.h and shared_data.h: bootloaders of one
# board, one per crypto backend, and the payload that tries them. Backends are
# named <algorithm> and <algorithm>-library.
#
#   libupgrade-<strategy>[-two].a           for all boards: one of them is linked
#   liblog-<kind>.a                         the same
#   <board>/boot-<board>-<backend>.elf      holds no key: refuses everything
#   <board>/libboot-<board>-<backend>.a     all but rules.cc, for firmware/provision
#   <board>/libcheckpoint-<board>.a         verifies what a log signed
#   <board>/{compile,link}.rsp              how provision compiles and links
#   <board>/payload.bin, payload-64k.bin    to be signed
#   <board>/payload-slot1.bin               the same, linked for slot 1, where images run from it
set(BOOTSEAL_FIRMWARE_OUTPUT ${PROJECT_BINARY_DIR}/firmware
    CACHE PATH "where the boards' folders go")

set(link_options -nostdlib -Wl,--gc-sections -Wl,--build-id=none
    -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments
    -L${PROJECT_SOURCE_DIR}/firmware/arch/armv8m)

function(bootseal_board board core)
  set(folder ${PROJECT_SOURCE_DIR}/firmware/boards/${board})
  set(output ${BOOTSEAL_FIRMWARE_OUTPUT}/${board})
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/firmware/)
  add_library(board_${board} STATIC ${folder}/board.cc ${ARGN})
  target_link_libraries(board_${board} PRIVATE bootseal_warnings bootseal::image)
  bootseal_response_files(${folder} ${output})
  add_library(checkpoint-${board} STATIC
    $<TARGET_OBJECTS:bootseal_crypto_log_${core}>)
  set_target_properties(checkpoint-${board} PROPERTIES
    LINKER_LANGUAGE CXX ARCHIVE_OUTPUT_DIRECTORY ${output})
  foreach(backend IN LISTS BOOTSEAL_CRYPTO_BACKENDS)
    bootseal_boot_program(${board} ${backend} ${core} ${folder} ${output})
  endforeach()
  bootseal_payload(${board} payload ${folder} ${output})
  # Where an image can run from slot 1, too.
  if(EXISTS ${folder}/payload-slot1.ld)
    bootseal_payload(${board} payload-slot1 ${folder} ${output})
  endif()
endfunction()

function(bootseal_response_files folder output)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(compile UNIX_COMMAND
    "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  list(APPEND compile -std=c++20 -I${PROJECT_SOURCE_DIR})
  set(link ${link_options} -T${folder}/memory.ld)
  # Quoted: the clone's path may hold spaces.
  list(JOIN compile "\"\n\"" compile)
  list(JOIN link "\"\n\"" link)
  file(CONFIGURE OUTPUT ${output}/compile.rsp CONTENT "\"@compile@\"\n" @ONLY)
  file(CONFIGURE OUTPUT ${output}/link.rsp CONTENT "\"@link@\"\n" @ONLY)
endfunction()

function(bootseal_boot_program board backend core folder output)
  set(name boot-${board}-${backend})
  # One archive with everything, so that provisioning is one link.
  add_library(${name}-parts STATIC
    $<TARGET_OBJECTS:boot> $<TARGET_OBJECTS:armv8m>
    $<TARGET_OBJECTS:board_${board}> $<TARGET_OBJECTS:bootseal_image>
    $<TARGET_OBJECTS:bootseal_crypto_${backend}_${core}>)
  set_target_properties(${name}-parts PROPERTIES
    LINKER_LANGUAGE CXX OUTPUT_NAME ${name} ARCHIVE_OUTPUT_DIRECTORY ${output})

  add_executable(${name} ${PROJECT_SOURCE_DIR}/firmware/boot/unprovisioned.cc)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE
    -Wl,--start-group ${name}-parts bootseal_upgrade_single_slot
    bootseal_log_full -Wl,--end-group gcc)
  target_link_options(${name} PRIVATE ${link_options} -T${folder}/memory.ld)
  set_target_properties(${name} PROPERTIES
    SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${output}
    LINK_DEPENDS "${folder}/memory.ld;${PROJECT_SOURCE_DIR}/firmware/arch/armv8m/sections.ld")
endfunction()

function(bootseal_payload board script folder output)
  set(name ${script}-${board})
  add_executable(${name}
    ${PROJECT_SOURCE_DIR}/firmware/boards/payload/payload.cc
    ${PROJECT_SOURCE_DIR}/firmware/boot/log.cc
    $<TARGET_OBJECTS:armv8m> $<TARGET_OBJECTS:board_${board}>)
  target_link_libraries(${name} PRIVATE bootseal_warnings bootseal::image gcc)
  target_link_options(${name} PRIVATE ${link_options} -T${folder}/${script}.ld)
  set_target_properties(${name} PROPERTIES
    SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${output}
    LINK_DEPENDS "${folder}/${script}.ld;${PROJECT_SOURCE_DIR}/firmware/arch/armv8m/sections.ld")
  # 64 KiB is the size that instruction counts are given for.
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${name}>
            ${output}/${script}.bin
    COMMAND ${CMAKE_OBJCOPY} -I binary -O binary --gap-fill 0xa5
            --pad-to 0x10000 ${output}/${script}.bin ${output}/${script}-64k.bin
    BYPRODUCTS ${output}/${script}.bin ${output}/${script}-64k.bin)
endfunction()
