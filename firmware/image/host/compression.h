// Payloads compressed as MCUboot's loaders expect them: two bytes of properties
// and a raw LZMA2 stream. liblzma does the work. Facts: mcuboot 1.13.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_COMPRESSION_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_COMPRESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// In front of the stream: the dictionary's size, and lc, lp and pb in one byte.
inline constexpr std::size_t kCompressionPropertyBytes = 2;

// 0x0a 0x66 (dictionary of 128 KiB; lc 3, lp 1, pb 2) before the stream; any
// compression but kNone. The result may be larger than the payload: the caller
// compares. Thread-safe.
absl::StatusOr<std::string> Compress(mcuboot::Compression compression,
                                     absl::string_view payload);

// Whether a device has less to keep of a compressed payload. `described`: bytes
// of the values that DECOMP_SIZE, DECOMP_SHA and DECOMP_SIGNATURE add.
// imgtool's own rule.
bool CompressionPays(std::size_t plain, std::size_t compressed,
                     std::size_t described);

// What may follow the end of a compressed payload.
enum class CipherPadding {
  kNone,
  kZeros,  // up to 15: what will be encrypted fills the last block of AES
};

// Decompresses what comes in any chunks, with the memory of the dictionary and
// one block. Errors, FAILED_PRECONDITION: COMPRESSION_PROPERTIES (other first
// bytes), COMPRESSION_INVALID (damaged, cut off, or other bytes after the end
// than `padding` allows), COMPRESSION_TOO_LARGE (more than `max_bytes` come
// out; noticed before more than one block of them is held). After an error it
// must not be used further. The wrong filter is no error: its output is as good
// a payload. Not thread-safe.
class Decompressor {
 public:
  // Gets the decompressed bytes; an error of its own ends the call with it.
  using Sink = absl::FunctionRef<absl::Status(absl::string_view)>;

  Decompressor(mcuboot::Compression compression, std::uint64_t max_bytes,
               CipherPadding padding = CipherPadding::kNone);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  absl::Status Write(absl::string_view chunk, Sink sink);
  // After the last chunk.
  absl::Status Finish(Sink sink);

  // Bytes that came out.
  std::uint64_t size() const { return size_; }
  // Bytes that went in, without padding.
  std::uint64_t compressed_size() const { return compressed_size_; }

 private:
  class Stream;

  absl::Status TakeProperties(absl::string_view& chunk);
  absl::Status Run(absl::string_view chunk, int action, Sink sink);
  absl::Status TakePadding(absl::string_view bytes);

  const std::uint64_t max_bytes_;
  const std::size_t max_padding_;
  std::uint64_t size_ = 0;
  std::uint64_t compressed_size_ = 0;
  std::size_t padding_ = 0;
  std::string properties_;  // the first bytes
  bool ended_ = false;
  std::unique_ptr<Stream> stream_;
};

// All at once.
absl::StatusOr<std::string> Decompress(mcuboot::Compression compression,
                                       absl::string_view stream,
                                       std::uint64_t max_bytes);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_COMPRESSION_H_
