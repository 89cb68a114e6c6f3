#include "client/release/bundle_check.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/release/metadata_file.h"
#include "client/release/readers.h"
#include "firmware/image/host/guid.h"
#include "server/trust/release_format.h"
#include "server/trust/target_profile.h"

namespace bootseal::release {
namespace {

using image::host::ReleasedImage;
using image::host::ReleaseManifest;

absl::Status ExpectSame(absl::string_view what, absl::string_view found,
                        absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return base::Precondition(
      "RELEASE_OF_ANOTHER",
      absl::StrCat(what, " is ", absl::Utf8SafeCEscape(found),
                   " in the manifest, the target has ",
                   absl::Utf8SafeCEscape(expected)));
}

absl::Status CheckGuid(absl::string_view what, const image::Guid& found,
                       const std::string& expected) {
  const auto guid = image::host::ParseGuid(expected).value_or(image::Guid());
  return ExpectSame(what, image::host::FormatGuid(found),
                    image::host::FormatGuid(guid));
}

absl::Status CheckImage(const v1::ReleaseImage& expected,
                        const ReleasedImage& found) {
  RETURN_IF_ERROR(ExpectSame("the image's name", found.name, expected.name()));
  const auto of = [&](absl::string_view what) {
    return absl::StrCat("the ", what, " of image ", expected.name());
  };
  RETURN_IF_ERROR(CheckGuid(of("type"), found.type, expected.type_guid()));
  RETURN_IF_ERROR(
      CheckGuid(of("location"), found.location, expected.location_guid()));
  RETURN_IF_ERROR(ExpectSame(of("bank size"), absl::StrCat(found.bank_size),
                             absl::StrCat(expected.bank_size())));
  const auto banks = static_cast<std::size_t>(expected.bank_guids_size());
  RETURN_IF_ERROR(ExpectSame(of("number of banks"),
                             absl::StrCat(found.banks.size()),
                             absl::StrCat(banks)));
  for (std::size_t i = 0; i < banks; ++i) {
    RETURN_IF_ERROR(CheckGuid(of(absl::StrCat("bank ", i)), found.banks[i],
                              expected.bank_guids(static_cast<int>(i))));
  }
  return absl::OkStatus();
}

absl::Status CheckMetadata(const v1::ReleaseFormat& format,
                           const std::string& metadata) {
  ASSIGN_OR_RETURN(const FoundMetadata found, FindMetadata(metadata));
  if (const auto status = trust::CheckIsOf(format, found.metadata);
      !status.ok()) {
    return base::Precondition(base::ReasonOf(status), status.message());
  }
  ASSIGN_OR_RETURN(const auto readers, ReadersOf(format));
  return CheckAllRead(TryReaders(readers, found));
}

}  // namespace

absl::StatusOr<image::host::ReleaseTrust> TrustOf(const v1::Profile& profile,
                                                  const std::string& log_key) {
  ASSIGN_OR_RETURN(const auto release, trust::ReleaseProfile::Make(profile));
  image::host::ReleaseTrust trust = release->trust();
  trust.log_key = log_key;
  return trust;
}

absl::Status CheckIsOfTarget(const v1::Target& target,
                             const ReleaseManifest& manifest) {
  const v1::ReleaseFormat& format = target.release();
  RETURN_IF_ERROR(ExpectSame("the target", manifest.target, target.name()));
  RETURN_IF_ERROR(
      ExpectSame("the product", manifest.product, format.product()));
  RETURN_IF_ERROR(ExpectSame("the metadata version",
                             absl::StrCat(manifest.metadata_version),
                             absl::StrCat(format.metadata_version())));
  const auto images = static_cast<std::size_t>(format.images_size());
  RETURN_IF_ERROR(ExpectSame("the number of images",
                             absl::StrCat(manifest.images.size()),
                             absl::StrCat(images)));
  for (std::size_t i = 0; i < images; ++i) {
    RETURN_IF_ERROR(
        CheckImage(format.images(static_cast<int>(i)), manifest.images[i]));
  }
  return CheckMetadata(format, manifest.metadata);
}

absl::StatusOr<image::host::VerifiedRelease> CheckBundle(
    std::unique_ptr<fwu::ByteSource> source, const v1::Profile& profile,
    const std::string& log_key) {
  ASSIGN_OR_RETURN(const image::host::ReleaseTrust trust,
                   TrustOf(profile, log_key));
  ASSIGN_OR_RETURN(fwu::Bundle bundle,
                   fwu::Bundle::Open(std::move(source), trust));
  RETURN_IF_ERROR(CheckIsOfTarget(profile.target(), bundle.manifest()));
  RETURN_IF_ERROR(
      bundle.ReadImages([](std::size_t, std::uint64_t, image::Bytes) {
        return absl::OkStatus();
      }));
  return bundle.release();
}

absl::Status CheckIsOrdered(const v1::Target& target, const ReleaseOrder& order,
                            const ReleaseManifest& manifest) {
  const std::uint32_t counter = order.header.has_security_counter()
                                    ? order.header.security_counter()
                                    : manifest.security_counter;
  ASSIGN_OR_RETURN(
      const ReleaseManifest expected,
      trust::ManifestOf(target, order.header, counter, order.components));
  const std::string text = image::host::WriteManifest(expected);
  const std::string found = image::host::WriteManifest(manifest);
  if (found == text) return absl::OkStatus();
  return base::Precondition(
      "REPLY_MISMATCH",
      absl::StrCat("the manifest is another than was ordered: ", found,
                   ", expected ", text));
}

}  // namespace bootseal::release
