# Bare metal for Cortex-M33. Without the DSP extension by default: what runs so
# runs on every M33; a board whose core has it says so (firmware/CMakeLists.txt).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m33)

set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_OBJCOPY arm-none-eabi-objcopy)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

get_filename_component(source_dir ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
string(JOIN " " flags
  -mcpu=cortex-m33+nodsp -mthumb -ffreestanding
  -ffunction-sections -fdata-sections \"-ffile-prefix-map=${source_dir}=.\")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_CXX_FLAGS_INIT
    "${flags} -fno-exceptions -fno-rtti -fno-threadsafe-statics")
