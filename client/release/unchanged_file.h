// A file of a release that is read more than once and has to be the same each
// time: hashed at first, uploaded, then put into a bundle.
#ifndef BOOTSEAL_CLIENT_RELEASE_UNCHANGED_FILE_H_
#define BOOTSEAL_CLIENT_RELEASE_UNCHANGED_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/fwu/byte_source.h"
#include "firmware/image/crypto.h"

namespace bootseal::release {

// Not thread-safe.
class UnchangedFile final : public fwu::ByteSource {
 public:
  // Reads it once. Ends with kLocalFile: FILE_*, FILE_EMPTY.
  static absl::StatusOr<std::shared_ptr<UnchangedFile>> Open(
      const std::string& path);

  const std::string& path() const { return path_; }
  const std::string& sha256() const { return sha256_; }  // raw

  std::uint64_t size() const override { return source_->size(); }
  // From the front on, each time it is read. FILE_CHANGED with the last byte
  // when the bytes are not those of the first time.
  absl::Status ReadAt(std::uint64_t offset, image::MutableBytes to) override;

 private:
  UnchangedFile(std::string path, std::unique_ptr<fwu::ByteSource> source)
      : path_(std::move(path)), source_(std::move(source)) {}
  absl::StatusOr<std::string> HashAll();

  std::string path_;
  std::unique_ptr<fwu::ByteSource> source_;
  std::string sha256_;
  image::Hash hash_{image::HashAlgorithm::kSha256};
  std::uint64_t hashed_ = 0;
};

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_UNCHANGED_FILE_H_
