# Bare metal for Cortex-A7. No word may cross its alignment: until caches and
# MMU are on, and a bootloader leaves them off, the core faults on that.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-a7)

set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_OBJCOPY arm-none-eabi-objcopy)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

get_filename_component(source_dir ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
string(JOIN " " flags
  -mcpu=cortex-a7 -mthumb -mfloat-abi=soft -mno-unaligned-access -ffreestanding
  -ffunction-sections -fdata-sections \"-ffile-prefix-map=${source_dir}=.\")
set(CMAKE_ASM_FLAGS_INIT "${flags}")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_CXX_FLAGS_INIT
    "${flags} -fno-exceptions -fno-rtti -fno-threadsafe-statics")
