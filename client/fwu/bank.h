// The images of one bank on the device.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_BANK_H_
#define BOOTSEAL_CLIENT_FWU_BANK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/bundle.h"
#include "client/fwu/storage.h"
#include "firmware/image/fwu/metadata.h"

namespace bootseal::fwu {

// Bytes done of all that are to be done, for a bar.
using Progress = std::function<void(absl::string_view what, std::uint64_t done,
                                    std::uint64_t total)>;

// One range per image, in the metadata's order. FAILED_PRECONDITION
// (PARTITION_MISSING).
absl::StatusOr<std::vector<Range>> RangesOfBank(
    const Placement& placement, const image::fwu::Metadata& metadata,
    std::uint8_t bank);

// True when `ranges` begin with the images of `manifest`. As Storage.
absl::StatusOr<bool> Holds(Storage& storage, const std::vector<Range>& ranges,
                           const image::host::ReleaseManifest& manifest);

// Into a bank that neither runs nor is active, then read back from the medium.
// 0xff behind an image, to the end of its last unit. As Storage and
// Bundle::ReadImages; UNAVAILABLE (STORAGE_READBACK).
absl::Status WriteBank(Storage& storage, const std::vector<Range>& ranges,
                       Bundle& bundle, const Progress& progress);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_BANK_H_
