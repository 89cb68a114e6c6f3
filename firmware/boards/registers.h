// Device registers at fixed addresses.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_REGISTERS_H_
#define BOOTSEAL_FIRMWARE_BOARDS_REGISTERS_H_

#include <cstdint>

namespace bootseal::boards {

template <typename Word = std::uint32_t>
inline volatile Word& Register(std::uintptr_t address) {
  return *reinterpret_cast<volatile Word*>(address);
}

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_REGISTERS_H_
