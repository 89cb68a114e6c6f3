#include "client/fwu/fetch.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/descriptor.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

// Manifest and receipt with their headers, and the header behind them.
constexpr std::size_t kMaxHeadBytes =
    kMaxManifestBytes + kMaxReceiptBytes + 8 * 512;
// For headers, padding and the blocks at the end.
constexpr std::uint64_t kSlackBytes = 1 << 20;

absl::Status Unwritable(const std::string& folder, absl::string_view why) {
  return base::Precondition(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot keep the download in ", folder, ": ", why));
}

// Gone with its descriptor.
absl::StatusOr<Descriptor> NamelessFile(const std::string& folder) {
  std::string path = folder + "/bootseal-fwu-XXXXXX";
  const int number = mkstemp(path.data());
  if (number < 0) return Unwritable(folder, std::strerror(errno));
  unlink(path.c_str());
  return Descriptor(number, path);
}

std::uint64_t LimitOf(const image::host::ReleaseManifest& manifest) {
  std::uint64_t limit = kMaxHeadBytes + kMaxMetadataBytes + kSlackBytes;
  for (const auto& image : manifest.images) limit += image.size + 1024;
  return limit;
}

class Arrival {
 public:
  Arrival(const image::host::ReleaseTrust& trust, const std::string& folder,
          const ReleaseCheck& check)
      : trust_(trust), folder_(folder), check_(check) {}

  absl::Status Take(image::Bytes bytes) {
    if (file_) return Append(bytes);
    head_.append(image::host::ToString(bytes));
    const auto head = ReadBundleHead(*FromMemory(head_));
    if (head.ok()) return Keep(*head);
    const bool more = base::ReasonOf(head.status()) == "BUNDLE_TRUNCATED" &&
                      head_.size() < kMaxHeadBytes;
    return more ? absl::OkStatus() : head.status();
  }

  absl::StatusOr<Bundle> Finish() {
    if (!file_) return ReadBundleHead(*FromMemory(head_)).status();
    return Bundle::Open(FromDescriptor(*std::move(file_), written_), trust_);
  }

 private:
  absl::Status Keep(const BundleHead& head) {
    ASSIGN_OR_RETURN(
        const image::host::VerifiedRelease release,
        image::host::OpenRelease(head.envelope, head.receipt, trust_));
    RETURN_IF_ERROR(check_(release));
    limit_ = LimitOf(release.manifest());
    ASSIGN_OR_RETURN(Descriptor file, NamelessFile(folder_));
    file_.emplace(std::move(file));
    return Append(image::host::AsBytes(head_));
  }

  absl::Status Append(image::Bytes bytes) {
    if (written_ + bytes.size() > limit_) {
      return base::Invalid("BUNDLE_SIZE", "bundle",
                           absl::StrCat("the bundle has more than ", limit_,
                                        " bytes, too many for its release"));
    }
    const absl::Status status = file_->WriteAt(written_, bytes);
    if (!status.ok()) return Unwritable(folder_, status.message());
    written_ += bytes.size();
    return absl::OkStatus();
  }

  const image::host::ReleaseTrust& trust_;
  const std::string& folder_;
  const ReleaseCheck& check_;
  std::string head_;
  std::uint64_t limit_ = 0;
  std::optional<Descriptor> file_;
  std::uint64_t written_ = 0;
};

}  // namespace

absl::StatusOr<Bundle> FetchBundle(const DownloadOptions& options,
                                   const image::host::ReleaseTrust& trust,
                                   const std::string& folder,
                                   const ReleaseCheck& check,
                                   const DownloadProgress& progress) {
  Arrival arrival(trust, folder, check);
  RETURN_IF_ERROR(Download(
      options, [&arrival](image::Bytes bytes) { return arrival.Take(bytes); },
      progress));
  return arrival.Finish();
}

}  // namespace bootseal::fwu
