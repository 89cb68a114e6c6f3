// A release in one file: a plain tar of exactly these members, in this order.
//
//   manifest.json   the DSSE envelope with the release manifest
//   receipt.txt     its proof from the log; empty when there is none
//   metadata.bin    what the manifest has as metadata, for first provisioning
//   images/NAME     each image, in the manifest's order
//
// A reader gets a Bundle only for a release whose signature holds, and reads
// images only as far as the manifest says. Not thread-safe.
#ifndef BOOTSEAL_CLIENT_FWU_BUNDLE_H_
#define BOOTSEAL_CLIENT_FWU_BUNDLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/pending_file.h"
#include "client/fwu/byte_source.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::fwu {

inline constexpr std::size_t kMaxManifestBytes = 1 << 20;
inline constexpr std::size_t kMaxReceiptBytes = 64 << 10;
inline constexpr std::size_t kMaxMetadataBytes = 4 << 10;

// What a release is verified with.
struct BundleHead {
  std::string envelope;
  std::string receipt;
};

// From the front of a bundle; the rest need not be there yet. As TarReader, and
// BUNDLE_MEMBER_MISSING, BUNDLE_MEMBER_UNKNOWN, BUNDLE_DUPLICATE, BUNDLE_SIZE
// (more than the bounds above).
absl::StatusOr<BundleHead> ReadBundleHead(ByteSource& source);

// `bytes` of image `image` from `offset` on; images one after another.
using ImageSink = std::function<absl::Status(
    std::size_t image, std::uint64_t offset, image::Bytes bytes)>;

class Bundle {
 public:
  // As ReadBundleHead and image::host::OpenRelease.
  static absl::StatusOr<Bundle> Open(std::unique_ptr<ByteSource> source,
                                     const image::host::ReleaseTrust& trust);

  const image::host::VerifiedRelease& release() const { return release_; }
  const image::host::ReleaseManifest& manifest() const {
    return release_.manifest();
  }
  const BundleHead& head() const { return head_; }

  // Every member to the end of the bundle. Whether an image is the manifest's
  // is known only when this is OK: INVALID_ARGUMENT as ReadBundleHead,
  // BUNDLE_SIZE also for a size that is not the manifest's, BUNDLE_METADATA,
  // BUNDLE_CHANGED when it is not the bundle any more that was opened;
  // PERMISSION_DENIED (IMAGE_DIGEST). What `sink` gives.
  absl::Status ReadImages(const ImageSink& sink);

 private:
  Bundle(std::unique_ptr<ByteSource> source, BundleHead head,
         image::host::VerifiedRelease release);

  std::unique_ptr<ByteSource> source_;
  BundleHead head_;
  image::host::VerifiedRelease release_;
};

struct BundleParts {
  struct Image {
    std::string name;
    std::shared_ptr<ByteSource> content;
  };
  BundleHead head;
  std::string metadata;
  std::vector<Image> images;
};

// Same parts, same bytes: no times, no owners.
using ByteSink = std::function<absl::Status(image::Bytes)>;
absl::Status WriteBundle(const BundleParts& parts, const ByteSink& sink);
// The bundle beside `path`, to be put in place with other files.
// FILE_UNWRITABLE, FILE_UNREADABLE.
absl::StatusOr<base::PendingFile> PendingBundle(const BundleParts& parts,
                                                const std::string& path);
// The file appears whole or not at all. As PendingBundle.
absl::Status WriteBundleFile(const BundleParts& parts, const std::string& path);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_BUNDLE_H_
