// A device in files, as a factory leaves it and its Linux sees it: a disk that
// sgdisk partitioned or a span of raw flash, the boot register, the counter,
// and the configuration that `bootseal-fwu` reads. Reset() is the bootloader's
// turn: firmware/image's selection, on what the files hold.
#ifndef BOOTSEAL_TESTS_INTEGRATION_FWU_DEVICE_H_
#define BOOTSEAL_TESTS_INTEGRATION_FWU_DEVICE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/image/fwu/selection.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

inline constexpr std::uint64_t kBankBytes = 256 << 10;
inline constexpr char kFipAGuid[] = "4fd84c93-54ef-463f-a7ef-ae25ff887087";
inline constexpr char kFipBGuid[] = "09c54952-d5bf-45af-acee-335303766fb3";
inline constexpr char kFipTypeGuid[] = "19d5df83-11b0-457b-be2c-7559c13142a5";

enum class DeviceKind { kGpt, kRaw };

struct FactoryDevice {
  DeviceKind kind = DeviceKind::kGpt;
  // As `bootseal targets export --format fwu` writes it.
  std::string configuration;
  std::string release_key_pem;
  std::string metadata;  // one copy; both are alike
  std::string fip;       // in bank 0; bank 1 is erased
  std::uint64_t bank_bytes = kBankBytes;
};

class FwuDevice {
 public:
  // Aborts the test's process when a part cannot be made.
  explicit FwuDevice(const FactoryDevice& factory);

  // `bootseal-fwu` with this device's configuration.
  Outcome Run(std::vector<std::string> arguments) const;
  // Text of a member of what --json printed; numbers as text, "" when absent.
  static std::string Member(const Outcome& outcome, const std::string& name);
  static std::string Reason(const Outcome& outcome);

  // Power off and on; a cold start without a battery loses the register.
  enum class Start { kWarm, kBackupDomainLost };
  image::fwu::Selection Reset(Start start = Start::kWarm);

  std::string Flash() const;
  // One byte of it becomes another.
  void Damage(std::uint64_t offset);
  std::uint64_t MetadataOffset(int copy) const { return metadata_[copy]; }
  std::uint64_t BankOffset(int bank) const { return banks_[bank]; }
  bool BankHolds(int bank, const std::string& fip) const;
  void SetCounter(std::uint32_t counter);
  std::string DiskPath() const { return File("disk.img"); }

 private:
  std::string File(const std::string& name) const { return folder_.File(name); }
  void MakeDisk();
  void Put(std::uint64_t offset, const std::string& bytes);
  void WriteBootRegister();
  std::string Configuration() const;

  TemporaryFolder folder_;
  FactoryDevice factory_;
  std::uint64_t metadata_[2] = {};
  std::uint64_t banks_[2] = {};
  std::uint64_t size_ = 0;
  image::fwu::BootRegister boot_{0, 3, true};
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_INTEGRATION_FWU_DEVICE_H_
