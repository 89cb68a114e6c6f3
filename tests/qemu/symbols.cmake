# cmake -DFOLDER=build/<preset>/firmware -P symbols.cmake
# Reads the symbols of every bootloader under FOLDER, and of the archives of
# which firmware/provision links some: strategies, logs, what judges receipts.
set(forbidden
    # writers of firmware/image
    "bootseal::image::.*::Write[A-Z]" "bootseal::image::Writer"
    "WriteTrailer" "TrailerKind"
    # private-key operations that the crypto sources also hold
    "ecdsa_sign" "gen_keypair" "_sign_detached" "rsa_private"
    # the hosted world
    "^(malloc|calloc|realloc|free|sbrk|_sbrk)$" "^operator (new|delete)"
    "printf" "^(fopen|fwrite|puts|exit|abort)$" "^__cxa_" "__gxx_personality"
    "^_?Unwind" "__aeabi_[fd]" "init_array")

file(GLOB elves ${FOLDER}/*/boot-*.elf)
list(LENGTH elves count)
if(count LESS 20)
  message(FATAL_ERROR "only ${count} bootloaders under ${FOLDER}")
endif()
file(GLOB archives ${FOLDER}/libupgrade-*.a ${FOLDER}/liblog-*.a
     ${FOLDER}/libreceipt-*.a ${FOLDER}/*/libcheckpoint-*.a)
list(LENGTH archives count_archives)
if(count_archives LESS 17)
  message(FATAL_ERROR "only ${count_archives} archives in ${FOLDER}")
endif()
file(GLOB stages ${FOLDER}/*/second-stage-*.elf)
list(LENGTH stages count_stages)
if(count_stages LESS 5)
  message(FATAL_ERROR "only ${count_stages} second stages under ${FOLDER}")
endif()
# A checkpoint's text is what its log signed: written anew to be verified.
set(allowed "bootseal::image::transparency::WriteCheckpointText\\(")
set(failed FALSE)
foreach(elf IN LISTS elves archives stages)
  execute_process(COMMAND arm-none-eabi-nm --format=posix --demangle ${elf}
                  OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${listing}")
  if(NOT listing MATCHES "bootseal::")
    message(FATAL_ERROR "${elf} has no symbols to judge")
  endif()
  foreach(line IN LISTS lines)
    string(REGEX REPLACE " [A-Za-z] [0-9a-f ]*$" "" symbol "${line}")
    foreach(pattern IN LISTS forbidden)
      if(symbol MATCHES "${pattern}" AND NOT symbol MATCHES "${allowed}")
        message(SEND_ERROR "${elf} holds ${symbol}")
      endif()
    endforeach()
  endforeach()
endforeach()
message("${count} bootloaders, ${count_archives} archives and ${count_stages} second stages hold none of these: ${forbidden}")
