// What a device is told once, in one file, and the device that this opens.
//
//   device = /dev/mmcblk0          kind = gpt | raw
//   product = stm32mp157-gateway   release-key = /etc/bootseal/release.pem
//   boot-register = devmem:0x5c00a128
//   security-counter = devmem:0x5c00a040
//
// and for raw flash metadata, metadata-size and image = GUID@OFFSET+SIZE; the
// README lists all. Errors: INVALID_ARGUMENT (CONFIGURATION, naming the
// member), and those of what is opened.
#ifndef BOOTSEAL_CLIENT_FWU_CONFIGURATION_H_
#define BOOTSEAL_CLIENT_FWU_CONFIGURATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/fwu/agent.h"
#include "client/fwu/descriptor.h"
#include "client/fwu/storage.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::fwu {

inline constexpr char kConfigurationPath[] = "/etc/bootseal-fwu.conf";

struct Configuration {
  std::string device;
  std::string kind = "gpt";
  std::uint32_t unit = 512;  // sector, or erase block
  std::vector<std::string> metadata;
  std::string metadata_size = "0x40000";
  std::vector<std::string> images;

  std::string product;
  std::uint32_t metadata_version = 0;  // what the bootloader reads; 0: any
  std::uint32_t banks = 2;
  std::uint32_t images_per_bank = 1;

  std::string release_key;  // PEM; several keys while one replaces another
  std::string algorithm = "p256";
  std::string log_key;  // vkey; receipts are demanded with one
  std::string boot_register;
  std::string security_counter;
  // What the second stage reports of this boot; both or none.
  std::string report_register;
  std::string error_register;
  // Written by install, 32 bits of the backup domain; may be empty.
  std::string backup_marker;

  std::string lock = "/run/lock/bootseal-fwu.lock";
  std::string records = "/var/lib/bootseal-fwu";
  std::string download_folder = "/var/tmp";
  std::string ca;                 // PEM
  std::string verdicts = "free";  // or signed
};

// Every member that is wrong or missing, the first one named.
absl::Status CheckConfiguration(const Configuration& configuration);

absl::StatusOr<image::host::ReleaseTrust> TrustOf(
    const Configuration& configuration);

absl::StatusOr<std::unique_ptr<Storage>> OpenStorage(
    const Configuration& configuration, Access access);

// Where things are, and what the bootloader left. METADATA_VERSION when the
// device's is not what its bootloader is said to read.
absl::StatusOr<Device> OpenDevice(const Configuration& configuration,
                                  Storage& storage);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_CONFIGURATION_H_
