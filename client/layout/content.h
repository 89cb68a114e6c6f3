// What lies in a bank and in front of one: a FIP, and a first-stage bootloader
// with its STM32 header. Structure only: signatures are the bootloader's to
// check. Source: facts: fwu 3.1, 5.1 to 5.3. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_CONTENT_H_
#define BOOTSEAL_CLIENT_LAYOUT_CONTENT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "client/fwu/byte_source.h"
#include "client/fwu/storage.h"
#include "firmware/image/host/fip_table.h"

namespace bootseal::layout {

// Bytes of `range` that are there, at most `most` of them.
std::string ReadFront(fwu::ByteSource& flash, const fwu::Range& range,
                      std::uint64_t most);
// All zeros or all 0xff; true for none.
bool IsBlank(absl::string_view bytes);

using Fip = image::host::FipTable;

// FAILED_PRECONDITION: FIP_BLANK; those of ReadFipTable.
absl::StatusOr<Fip> ReadFip(fwu::ByteSource& flash, const fwu::Range& range);

struct Fsbl {
  std::uint32_t header_version = 0;  // 0x00010000, 0x00020000, 0x00020200
  std::uint32_t image_version = 0;   // against OTP
  std::uint64_t size = 0;            // bytes, header included
};

// `header_version`: what the board wants, 0 for any. FAILED_PRECONDITION:
// FSBL_BLANK; FSBL_MAGIC; FSBL_HEADER_VERSION; FSBL_TRUNCATED; FSBL_CHECKSUM.
absl::StatusOr<Fsbl> ReadFsbl(fwu::ByteSource& flash, const fwu::Range& range,
                              std::uint32_t header_version);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_CONTENT_H_
