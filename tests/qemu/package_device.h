// A device that starts packages, in files: its disk or NOR flash, its RAM with
// backup registers and fuses, and QEMU, which runs the second stage on them.
// What is in the files outlives a Boot(): the next one goes on with it.
#ifndef BOOTSEAL_TESTS_QEMU_PACKAGE_DEVICE_H_
#define BOOTSEAL_TESTS_QEMU_PACKAGE_DEVICE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "firmware/boards/second_stage.h"
#include "firmware/image/fwu/metadata.h"
#include "tests/firmware/image/certificate/package_case.h"
#include "tests/support/qemu.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// A QEMU machine, and what the board's folder says of it.
struct PackageBoard {
  std::string name;
  std::string machine;
  std::vector<std::string> options;
  std::uint64_t ram = 0;     // address
  std::uint64_t memory = 0;  // bytes
  std::uint64_t backup = 0;  // address of standin::BackupMemory
  std::string store;         // as client/layout calls it
};
const PackageBoard& StandIn();   // mcimx7d-sabre
const PackageBoard& OrangePi();  // orangepi-pc
const PackageBoard& NorBoard();  // virt

// A file that the cross build made for the board.
std::string BuiltFor(const PackageBoard& board, const std::string& name);

struct PackageOrder {
  // hw-config: a name and what normal_world.cc is to do.
  std::string text = "release 1, stop";
  std::uint32_t counter = 5;
  std::string nt_fw = {};  // default: normal_world.bin
};
using PackageImages = std::array<std::string, image::certificate::kImageRoles>;
PackageImages ImagesFor(const PackageBoard& board, const PackageOrder& order);
// Certificates of SharedChainKeys() for these.
Certificates CertificatesFor(const PackageImages& images,
                             std::uint32_t counter);
std::string PackageFor(const PackageBoard& board, const PackageOrder& order);

struct PackageDeviceOrder {
  std::uint32_t metadata_version = 2;
  std::uint32_t active = 0;
  std::uint32_t previous = 1;
  image::fwu::BankState states[2] = {image::fwu::BankState::kAccepted,
                                     image::fwu::BankState::kAccepted};
  std::string fips[2];
};

class PackageDevice {
 public:
  PackageDevice(const PackageBoard& board, const PackageDeviceOrder& order);

  const PackageBoard& board() const { return board_; }
  std::string File(const std::string& name) const { return folder_.File(name); }
  std::string DiskPath() const { return File("disk.img"); }
  std::string RamPath() const { return File("ram.img"); }

  // All that the UART says up to a line with `expected`; then the power is cut.
  std::string Boot(const std::string& expected,
                   std::chrono::seconds limit = std::chrono::seconds(60)) const;
  tests::Boot Machine() const;
  // Another bootloader than the build's.
  void UseBootloader(const std::string& elf) { elf_ = elf; }

  // Words of the RAM file. Registers count from standin::BackupMemory's start.
  std::uint32_t Word(std::uint64_t address) const;
  void SetWord(std::uint64_t address, std::uint32_t value) const;
  std::uint32_t Register(boards::BackupRegister which) const;
  void SetRegister(boards::BackupRegister which, std::uint32_t value) const;
  std::uint32_t Counter() const { return Word(board_.backup + 0x14); }
  void SetCounter(std::uint32_t value) const {
    SetWord(board_.backup + 0x14, value);
  }
  // Power off without a battery: every word of the domain, but for the counter,
  // which `SetCounter` may put back.
  void LoseBackupDomain() const;
  void FuseRootKey(const std::string& public_key) const;
  // As a device that started an accepted bank before.
  void SetBootRegister(std::uint8_t bank, std::uint8_t trials) const;

  std::string Disk(std::uint64_t offset, std::size_t size) const;
  void WriteDisk(std::uint64_t offset, const std::string& bytes) const;
  // One byte becomes another.
  void Damage(std::uint64_t offset) const;
  std::uint64_t MetadataOffset(int copy) const;
  std::uint64_t BankOffset(int bank) const;
  std::uint64_t DiskBytes() const;
  // What a copy says; its error's name when it cannot be read.
  std::string MetadataText(int copy) const;

 private:
  void MakeDisk(const PackageDeviceOrder& order);

  PackageBoard board_;
  TemporaryFolder folder_;
  std::string elf_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_QEMU_PACKAGE_DEVICE_H_
