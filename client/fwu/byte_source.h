// Bytes that are read at any place: a file, or memory. Not thread-safe.
#ifndef BOOTSEAL_CLIENT_FWU_BYTE_SOURCE_H_
#define BOOTSEAL_CLIENT_FWU_BYTE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/fwu/descriptor.h"
#include "firmware/image/bytes.h"

namespace bootseal::fwu {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // All of `to`. UNAVAILABLE (FILE_UNREADABLE), also behind the end.
  virtual absl::Status ReadAt(std::uint64_t offset, image::MutableBytes to) = 0;
};

// FILE_NOT_FOUND, FILE_UNREADABLE.
absl::StatusOr<std::unique_ptr<ByteSource>> FromFile(const std::string& path);
// The first `size` bytes of a file that is open.
std::unique_ptr<ByteSource> FromDescriptor(Descriptor file, std::uint64_t size);
// `bytes` must outlive it.
std::unique_ptr<ByteSource> FromMemory(absl::string_view bytes);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_BYTE_SOURCE_H_
