#include "firmware/image/host/open_capsule.h"

#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/signed_data.h"

namespace bootseal::image::host {

absl::StatusOr<VerifiedCapsule> VerifyCapsule(
    absl::string_view front, std::uint64_t file_size,
    absl::string_view content_sha256, const CapsuleCertificate& certificate) {
  ASSIGN_OR_RETURN(CapsuleFront read, ReadCapsuleFront(front, file_size));
  if (read.signed_data.empty()) {
    return base::Refused("NOT_SIGNED",
                         "the capsule has no signature: U-Boot with "
                         "CONFIG_EFI_CAPSULE_AUTHENTICATE refuses it, and "
                         "without takes anybody's");
  }
  RETURN_IF_ERROR(
      VerifySignedData(read.signed_data, content_sha256, certificate));
  return VerifiedCapsule(std::move(read), content_sha256);
}

absl::StatusOr<VerifiedCapsule> OpenCapsule(
    absl::string_view file, const CapsuleCertificate& certificate) {
  ASSIGN_OR_RETURN(const CapsuleFront read,
                   ReadCapsuleFront(file, file.size()));
  return VerifyCapsule(file, file.size(),
                       ContentSha256(read.header, file.substr(read.size)),
                       certificate);
}

std::string ContentSha256(const CapsuleHeader& header,
                          absl::string_view firmware) {
  return ToString(Hash(HashAlgorithm::kSha256)
                      .Update(AsBytes(SignedInFront(header)))
                      .Update(AsBytes(firmware))
                      .Update(AsBytes(SignedBehind(header)))
                      .Finish()
                      .bytes());
}

}  // namespace bootseal::image::host
