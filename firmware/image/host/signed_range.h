// The range that an image's signature covers, as another tool exports it to
// have it signed: header with its padding, payload, protected area, and nothing
// behind. Facts: mcuboot 1.1, 2.6.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_RANGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_RANGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image::host {

// Takes a range in any chunks and keeps all of it but the payload. Judges its
// structure, no rules. After an error it must not be used further. Not
// thread-safe.
//
// Errors, INVALID_ARGUMENT:
//   RANGE_IS_DIGEST       nothing but 32, 48 or 64 bytes
//   RANGE_MAGIC           no header, or one that is big-endian
//   RANGE_HEADER_RESERVED, RANGE_HEADER_SIZE
//   RANGE_COMPRESSED      the header says that the payload is
//   RANGE_TRUNCATED       fewer bytes than the header says
//   RANGE_IS_IMAGE        an unprotected area follows
//   RANGE_IS_PADDED       erased flash follows
//   RANGE_TRAILING_BYTES  anything else follows
//   RANGE_TLV_MALFORMED   the protected area is none
class RangeReader {
 public:
  // Gets the payload; an error of its own ends the call with it.
  using Sink = absl::FunctionRef<absl::Status(absl::string_view)>;

  absl::Status Write(absl::string_view chunk, Sink payload);
  // After the last chunk.
  absl::Status Finish() const;

  // Complete once a byte of payload came out.
  const mcuboot::Header& header() const { return *header_; }
  const std::string& header_bytes() const { return header_bytes_; }
  // After Finish().
  const std::string& protected_area() const { return protected_area_; }

 private:
  absl::Status TakeHeader(absl::string_view& chunk);
  absl::Status ReadHeader();
  absl::Status TakePayload(absl::string_view& chunk, Sink payload);
  absl::Status TakeRest(absl::string_view chunk);
  // Of a range that ended before its header did.
  absl::Status NoHeader() const;
  std::uint64_t announced() const;  // bytes

  std::uint64_t received_ = 0;
  std::string header_bytes_;
  std::optional<mcuboot::Header> header_;
  std::uint32_t payload_left_ = 0;
  std::string protected_area_;
  std::string rest_;  // the first bytes of what follows
};

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_RANGE_H_
