// An open file, and whole reads and writes of it. Move-only; not thread-safe.
#ifndef BOOTSEAL_CLIENT_FWU_DESCRIPTOR_H_
#define BOOTSEAL_CLIENT_FWU_DESCRIPTOR_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firmware/image/bytes.h"

namespace bootseal::fwu {

enum class Access { kRead, kReadWrite };

class Descriptor {
 public:
  // NOT_FOUND (FILE_NOT_FOUND), FAILED_PRECONDITION (FILE_UNREADABLE).
  static absl::StatusOr<Descriptor> Open(const std::string& path,
                                         Access access);
  Descriptor(int number, std::string path)
      : number_(number), path_(std::move(path)) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)),
        path_(std::move(other.path_)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int number() const { return number_; }
  const std::string& path() const { return path_; }

  // All of it, or UNAVAILABLE (STORAGE_READ, STORAGE_WRITE).
  absl::Status ReadAt(std::uint64_t offset, image::MutableBytes to) const;
  absl::Status WriteAt(std::uint64_t offset, image::Bytes from) const;
  // To the medium, and out of the cache.
  absl::Status Flush() const;
  // Of a file or a block device.
  absl::StatusOr<std::uint64_t> Size() const;

 private:
  int number_;
  std::string path_;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_DESCRIPTOR_H_
