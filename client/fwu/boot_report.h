// What firmware/second_stage leaves in its registers kReport and kError of the
// boot that is running: why this bank, and what was wrong with another one.
// The bits are those of firmware/second_stage/report.h. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_FWU_BOOT_REPORT_H_
#define BOOTSEAL_CLIENT_FWU_BOOT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "firmware/image/fwu/selection.h"
#include "firmware/image/result.h"

namespace bootseal::fwu {

struct BootReport {
  image::fwu::BootReason reason = image::fwu::BootReason::kAccepted;
  std::uint8_t failed = 0;  // bit n: bank n was tried, and did not start
  image::Error error = image::Error::kOk;  // of the last one that did not

  bool Failed(std::uint32_t bank) const {
    return bank < 4 && (failed >> bank & 1) != 0;
  }
};

// nullopt for a word without the tag 0xb0a7 (another bootloader's, or of a lost
// domain), and for one that names no reason or none that is known.
std::optional<BootReport> DecodeBootReport(std::uint32_t report,
                                           std::uint32_t error);

// "signature does not verify (0x12345678)", as the bootloader's log has it.
std::string WordsOf(image::Error error);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_BOOT_REPORT_H_
