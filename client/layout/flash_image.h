// Flash as it is going to be: mostly blank, with something here and there. Held
// as what is there, so that a large one takes no memory, and as a file no room.
// Not thread-safe while it is written.
#ifndef BOOTSEAL_CLIENT_LAYOUT_FLASH_IMAGE_H_
#define BOOTSEAL_CLIENT_LAYOUT_FLASH_IMAGE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/fwu/byte_source.h"

namespace bootseal::layout {

class FlashImage final : public fwu::ByteSource {
 public:
  // `blank`: what is read where nothing was put.
  FlashImage(std::uint64_t size, std::byte blank)
      : size_(size), blank_(blank) {}

  // INVALID_ARGUMENT (FLASH_RANGE) for what does not lie in the flash, or over
  // something that was put before.
  absl::Status Put(std::uint64_t offset, absl::string_view bytes);

  std::uint64_t size() const override { return size_; }
  // As ByteSource.
  absl::Status ReadAt(std::uint64_t offset, image::MutableBytes to) override;

  // The file appears whole or not at all. Zeros that nobody put are holes.
  // FILE_UNWRITABLE; FILE_NOT_REGULAR for a device, a pipe or standard output.
  absl::Status WriteTo(const std::string& path) const;

 private:
  std::uint64_t size_;
  std::byte blank_;
  std::map<std::uint64_t, std::string> parts_;  // by offset
};

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_FLASH_IMAGE_H_
