// Payloads compressed as MCUboot's loaders expect them: two bytes of properties
// and a raw LZMA2 stream. Facts: mcuboot 1.13.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_COMPRESSION_H_
#define BOOTSEAL_CLIENT_IMGTOOL_COMPRESSION_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::imgtool {

enum class Filter {
  kLzma2,
  kLzma2ArmThumb,  // branches made absolute first; pays for Thumb code
};

// 0x0a 0x66 (dictionary of 128 KiB; lc 3, lp 1, pb 2) before the stream. The
// result may be larger than the payload: the caller compares.
absl::StatusOr<std::string> Compress(Filter filter, absl::string_view payload);

// FAILED_PRECONDITION: COMPRESSION_PROPERTIES (other first bytes),
// COMPRESSION_INVALID (damaged, cut off, or bytes after the end),
// COMPRESSION_TOO_LARGE (more than `max_bytes` come out).
absl::StatusOr<std::string> Decompress(Filter filter, absl::string_view stream,
                                       std::size_t max_bytes);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_COMPRESSION_H_
