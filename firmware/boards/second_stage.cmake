# bootseal_second_stage(NAME PLACEMENT TRUSTED NORMAL [SOURCE...]): the second
# stage of one board, with PLACEMENT gpt or raw, and the two images that its
# tests start, which run at TRUSTED and NORMAL. SOURCE: of the board, beside its
# board.cc.
#
#   <board>/second-stage-<board>-p256.elf   the key's hash is in OTP: one for all
#   <board>/second-stage-<board>-p256.bin   the same without its ELF
#   <board>/{trusted,normal}_world.bin      for a package
set(BOOTSEAL_FIRMWARE_OUTPUT ${PROJECT_BINARY_DIR}/firmware
    CACHE PATH "where the boards' folders go")

set(link_options -nostdlib -Wl,--gc-sections -Wl,--build-id=none
    -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments
    -L${PROJECT_SOURCE_DIR}/firmware/arch/armv7a)

function(bootseal_second_stage board placement trusted normal)
  set(folder ${PROJECT_SOURCE_DIR}/firmware/boards/${board})
  set(output ${BOOTSEAL_FIRMWARE_OUTPUT}/${board})
  add_library(board_${board} OBJECT ${folder}/board.cc ${ARGN})
  target_link_libraries(board_${board} PRIVATE bootseal_warnings bootseal::image)

  set(name second-stage-${board}-p256)
  add_executable(${name}
    $<TARGET_OBJECTS:second_stage> $<TARGET_OBJECTS:armv7a>
    $<TARGET_OBJECTS:board_${board}>
    ${PROJECT_SOURCE_DIR}/firmware/second_stage/${placement}_placement.cc)
  target_link_libraries(${name} PRIVATE bootseal_warnings
    -Wl,--start-group bootseal_image bootseal_crypto_p256 -Wl,--end-group gcc)
  target_link_options(${name} PRIVATE ${link_options} -T${folder}/memory.ld)
  set_target_properties(${name} PROPERTIES
    SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${output}
    LINK_DEPENDS "${folder}/memory.ld;${PROJECT_SOURCE_DIR}/firmware/arch/armv7a/sections.ld")
  bootseal_binary(${name} ${output}/${name}.bin)

  bootseal_package_image(${board} trusted_world ${trusted} ${output})
  bootseal_package_image(${board} normal_world ${normal} ${output})
endfunction()

function(bootseal_package_image board image address output)
  set(name ${image}-${board})
  set(script ${PROJECT_SOURCE_DIR}/firmware/boards/payload/package.ld)
  add_executable(${name}
    ${PROJECT_SOURCE_DIR}/firmware/boards/payload/${image}.cc
    ${PROJECT_SOURCE_DIR}/firmware/boot/log.cc
    ${PROJECT_SOURCE_DIR}/firmware/arch/armv7a/memory.cc
    $<TARGET_OBJECTS:board_${board}>)
  target_link_libraries(${name} PRIVATE bootseal_warnings bootseal::image gcc)
  target_link_options(${name} PRIVATE ${link_options}
    -Wl,--defsym=__load_address=${address} -T${script})
  set_target_properties(${name} PROPERTIES
    SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY ${output} LINK_DEPENDS ${script})
  bootseal_binary(${name} ${output}/${image}.bin)
endfunction()

function(bootseal_binary target file)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${target}> ${file}
    BYPRODUCTS ${file})
endfunction()
