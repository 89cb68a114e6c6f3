# libreceipt-<algorithm>.a, for bootloaders whose rules are about receipts:
# firmware/provision links all of it, so that its texts are the ones that count,
# and others carry nothing of it.
foreach(algorithm rsa2048 rsa3072 p256 p384 ed25519)
  set(name receipt-${algorithm})
  set(image ${PROJECT_SOURCE_DIR}/firmware/image)
  add_library(${name} STATIC
    ${image}/image_text_with_receipts.cc ${image}/mcuboot/receipt_checks.cc)
  target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
  target_link_libraries(${name} PRIVATE bootseal_warnings bootseal::image)
  set_target_properties(${name} PROPERTIES
    ARCHIVE_OUTPUT_DIRECTORY ${BOOTSEAL_FIRMWARE_OUTPUT})
endforeach()
# The tree is SHA-256.
target_sources(receipt-p384 PRIVATE
  ${PROJECT_SOURCE_DIR}/firmware/crypto/hash_sha256_sha384.cc)
