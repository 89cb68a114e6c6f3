// A device as a whole: flash with a layout, the register that the bootloader
// keeps, and a bootloader that follows firmware/image's rules and starts only
// what is, byte for byte, an image of a release.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_SIMULATED_DEVICE_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_SIMULATED_DEVICE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/fwu/agent.h"
#include "client/fwu/release_records.h"
#include "tests/client/fwu/simulated_flash.h"
#include "tests/client/fwu/test_release.h"

namespace bootseal::fwu {

enum class Kind { kGpt, kRaw };

class MemoryRecords final : public ReleaseRecords {
 public:
  absl::StatusOr<std::optional<image::host::VerifiedRelease>> Of(
      std::uint8_t bank) override;
  absl::Status Put(std::uint8_t bank, const BundleHead& head) override;
  absl::Status Remove(std::uint8_t bank) override;
  absl::Status NoteTrial(std::uint8_t bank, std::uint8_t left) override;
  absl::StatusOr<std::optional<std::uint8_t>> FewestTrials(
      std::uint8_t bank) override;

 private:
  std::map<std::uint8_t, image::host::VerifiedRelease> releases_;
  std::map<std::uint8_t, std::uint8_t> trials_;
};

struct DeviceOptions {
  Kind kind = Kind::kGpt;
  std::uint32_t metadata_version = 2;
  std::uint8_t banks = 2;
  std::uint32_t unit = 512;
  std::uint64_t bank_bytes = 64 << 10;
};

// Everything that outlives a reset.
struct DeviceContent {
  std::string flash;
  image::fwu::BootRegister boot{0, 3, true};
  std::uint32_t counter = 0;
  // The agent's word in the backup domain; nullopt: it is not used.
  std::optional<bool> domain_kept;
  // What the bootloader says of this boot; nullopt: nothing.
  std::optional<BootReport> report;
  MemoryRecords records;
};

class SimulatedDevice {
 public:
  explicit SimulatedDevice(const DeviceOptions& options);

  // As the factory leaves a bank.
  void Fill(std::uint8_t bank, const TestRelease& release);
  // Known to the bootloader as something that starts; must outlive it.
  void Know(const TestRelease& release) { known_.push_back(&release); }
  void StoreMetadata(const image::fwu::Metadata& metadata);

  const DeviceOptions& options() const { return options_; }
  const Placement& placement() const { return placement_; }
  image::fwu::Geometry geometry() const { return {options_.banks, 1}; }
  Medium medium() const;
  // Metadata and GPT: what is torn at every byte.
  bool IsFine(std::uint64_t offset) const;

  // What the bootloader starts; nullopt: nothing, a dead device.
  std::optional<image::fwu::Selection> Boot(const DeviceContent& content) const;
  // As the bootloader does after that start: to the release's counter when the
  // bank is accepted.
  void RaiseCounter(DeviceContent& content,
                    const image::fwu::Selection& started) const;
  // What one copy of the metadata says, if it can be read.
  std::optional<image::fwu::Metadata> CopyOf(const std::string& flash,
                                             std::size_t copy) const;
  // Whether the bank holds the whole of a release that is known.
  bool IsComplete(const std::string& flash, std::uint32_t bank) const;
  // Whether a copy of the metadata can be read.
  bool HasMetadata(const std::string& flash) const;
  image::fwu::Metadata MetadataOf(const std::string& flash) const;
  bool ReplicasEqual(const std::string& flash) const;
  bool BankHas(const std::string& flash, std::uint8_t bank,
               const TestRelease& release) const;
  // An agent as it opens on this flash.
  absl::StatusOr<Agent> OpenAgent(SimulatedFlash& flash,
                                  DeviceContent& content) const;

  DeviceContent content;

 private:
  void BuildGpt();
  std::optional<Placement> BootloaderPlacement(const std::string& flash) const;
  // What the bank is, and may start; nullptr when it is nothing that is known.
  const TestRelease* Startable(const DeviceContent& content,
                               const Range& bank) const;

  DeviceOptions options_;
  Placement placement_;
  std::vector<const TestRelease*> known_;
};

// Metadata of two banks: the active one and the state of each.
image::fwu::Metadata MakeMetadata(const DeviceOptions& options,
                                  std::uint32_t active, std::uint32_t previous,
                                  std::vector<image::fwu::BankState> states);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_SIMULATED_DEVICE_H_
