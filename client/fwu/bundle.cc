#include "client/fwu/bundle.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/tar_reader.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

using image::host::AsBytes;
using image::host::ReleasedImage;
using image::host::ReleaseManifest;

constexpr std::size_t kChunkBytes = 64 << 10;

absl::Status Bad(absl::string_view reason, absl::string_view what) {
  return base::Invalid(reason, "bundle", absl::StrCat("the bundle ", what));
}

bool IsNameOfAMember(absl::string_view path) {
  return path == "manifest.json" || path == "receipt.txt" ||
         path == "metadata.bin" || absl::StartsWith(path, "images/");
}

// Members in the order that is expected of them.
class Members {
 public:
  explicit Members(ByteSource& source) : tar_(source) {}

  absl::StatusOr<std::uint64_t> Expect(const std::string& path) {
    ASSIGN_OR_RETURN(const auto member, tar_.Next());
    if (!member) {
      return Bad("BUNDLE_MEMBER_MISSING", absl::StrCat("lacks ", path));
    }
    if (member->path != path) return Unexpected(member->path, path);
    seen_.insert(path);
    return member->size;
  }

  absl::StatusOr<std::string> Whole(const std::string& path,
                                    std::size_t max_bytes) {
    ASSIGN_OR_RETURN(const std::uint64_t size, Expect(path));
    if (size > max_bytes) {
      return Bad("BUNDLE_SIZE",
                 absl::StrCat("has ", path, " of ", size, " bytes, at most ",
                              max_bytes, " are read"));
    }
    std::string content(size, '\0');
    RETURN_IF_ERROR(
        Read({reinterpret_cast<std::byte*>(content.data()), content.size()}));
    return content;
  }

  absl::Status Read(image::MutableBytes to) { return tar_.Read(to); }

  absl::Status ExpectEnd() {
    ASSIGN_OR_RETURN(const auto member, tar_.Next());
    if (member) return Unexpected(member->path, "the end");
    return absl::OkStatus();
  }

 private:
  absl::Status Unexpected(const std::string& found,
                          absl::string_view expected) const {
    if (seen_.contains(found)) {
      return Bad("BUNDLE_DUPLICATE", absl::StrCat("has ", found, " twice"));
    }
    if (expected != "the end" && IsNameOfAMember(found)) {
      return Bad("BUNDLE_MEMBER_MISSING",
                 absl::StrCat("has ", found, " where ", expected, " belongs"));
    }
    return Bad("BUNDLE_MEMBER_UNKNOWN",
               absl::StrCat("has ", found, ", expected ", expected));
  }

  TarReader tar_;
  std::set<std::string> seen_;
};

absl::StatusOr<BundleHead> ReadHead(Members& members) {
  BundleHead head;
  ASSIGN_OR_RETURN(head.envelope,
                   members.Whole("manifest.json", kMaxManifestBytes));
  ASSIGN_OR_RETURN(head.receipt,
                   members.Whole("receipt.txt", kMaxReceiptBytes));
  return head;
}

absl::Status CheckMetadata(Members& members, const ReleaseManifest& manifest) {
  ASSIGN_OR_RETURN(const std::string metadata,
                   members.Whole("metadata.bin", kMaxMetadataBytes));
  if (metadata == manifest.metadata) return absl::OkStatus();
  return Bad("BUNDLE_METADATA",
             "has a metadata.bin that is not the manifest's");
}

absl::StatusOr<std::string> PassOn(Members& members, std::uint64_t size,
                                   std::size_t index, const ImageSink& sink) {
  std::vector<std::byte> buffer(kChunkBytes);
  image::Hash hash(image::HashAlgorithm::kSha256);
  for (std::uint64_t offset = 0; offset < size;) {
    const auto part = std::span(buffer).first(static_cast<std::size_t>(
        std::min<std::uint64_t>(kChunkBytes, size - offset)));
    RETURN_IF_ERROR(members.Read(part));
    hash.Update(part);
    RETURN_IF_ERROR(sink(index, offset, part));
    offset += part.size();
  }
  return image::host::ToString(hash.Finish().bytes());
}

absl::Status ReadImage(Members& members, const ReleasedImage& image,
                       std::size_t index, const ImageSink& sink) {
  const std::string path = absl::StrCat("images/", image.name);
  ASSIGN_OR_RETURN(const std::uint64_t size, members.Expect(path));
  if (size != image.size) {
    return Bad("BUNDLE_SIZE",
               absl::StrCat("has ", path, " of ", size,
                            " bytes, the manifest says ", image.size));
  }
  ASSIGN_OR_RETURN(const std::string digest,
                   PassOn(members, size, index, sink));
  if (digest == image.sha256) return absl::OkStatus();
  return base::Refused(
      "IMAGE_DIGEST",
      absl::StrCat(path, " has the SHA-256 ", absl::BytesToHexString(digest),
                   ", the manifest says ",
                   absl::BytesToHexString(image.sha256)));
}

}  // namespace

absl::StatusOr<BundleHead> ReadBundleHead(ByteSource& source) {
  Members members(source);
  return ReadHead(members);
}

Bundle::Bundle(std::unique_ptr<ByteSource> source, BundleHead head,
               image::host::VerifiedRelease release)
    : source_(std::move(source)),
      head_(std::move(head)),
      release_(std::move(release)) {}

absl::StatusOr<Bundle> Bundle::Open(std::unique_ptr<ByteSource> source,
                                    const image::host::ReleaseTrust& trust) {
  ASSIGN_OR_RETURN(BundleHead head, ReadBundleHead(*source));
  ASSIGN_OR_RETURN(
      image::host::VerifiedRelease release,
      image::host::OpenRelease(head.envelope, head.receipt, trust));
  return Bundle(std::move(source), std::move(head), std::move(release));
}

absl::Status Bundle::ReadImages(const ImageSink& sink) {
  Members members(*source_);
  ASSIGN_OR_RETURN(const BundleHead head, ReadHead(members));
  if (head.envelope != head_.envelope || head.receipt != head_.receipt) {
    return Bad("BUNDLE_CHANGED", "was changed while it was read");
  }
  RETURN_IF_ERROR(CheckMetadata(members, manifest()));
  for (std::size_t i = 0; i < manifest().images.size(); ++i) {
    RETURN_IF_ERROR(ReadImage(members, manifest().images[i], i, sink));
  }
  return members.ExpectEnd();
}

}  // namespace bootseal::fwu
