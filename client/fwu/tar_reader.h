// The members of a plain tar, one after another. Plain: regular files alone,
// without extension headers, and nothing but zeros behind the end. Reads
// through libarchive; nothing is written anywhere. Not thread-safe.
//
// INVALID_ARGUMENT: BUNDLE_FORMAT (no tar, damaged, an extension, bytes behind
// the end), BUNDLE_TRUNCATED, BUNDLE_PATH (absolute, or with ".."),
// BUNDLE_LINK (anything but a regular file).
#ifndef BOOTSEAL_CLIENT_FWU_TAR_READER_H_
#define BOOTSEAL_CLIENT_FWU_TAR_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/byte_source.h"

struct archive;
struct archive_entry;

namespace bootseal::fwu {

class TarReader {
 public:
  struct Member {
    std::string path;
    std::uint64_t size = 0;
  };

  // `source` must outlive it.
  explicit TarReader(ByteSource& source);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  // Skips what is left of the member before. nullopt at the end, which has been
  // checked.
  absl::StatusOr<std::optional<Member>> Next();
  // The next bytes of the member: fills `to`.
  absl::Status Read(image::MutableBytes to);

 private:
  struct Input;
  absl::Status Open();
  absl::Status Damaged() const;
  absl::Status CheckEnd() const;
  absl::StatusOr<Member> Checked(::archive_entry* entry);

  ByteSource& source_;
  std::unique_ptr<Input> input_;
  struct archive* archive_ = nullptr;
  // Where the next header has to be.
  std::uint64_t next_ = 0;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_TAR_READER_H_
