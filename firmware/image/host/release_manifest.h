// The release manifest: what a release consists of, signed as a whole. An
// in-toto Statement v1 in JSON; its subjects are the images, and the predicate
// says the rest. It stands in a DSSE envelope, so that others' tools verify it.
//
//   {"_type":"https://in-toto.io/Statement/v1",
//    "predicateType":"https://bootseal.dev/firmware-release/v1",
//    "predicate":{"banks":2,"images":[{"bankGuids":[...],"bankSize":4194304,
//      "locationGuid":...,"name":"fip","sha256":...,"size":1234,
//      "typeGuid":...}],
//     "metadata":"<base64>","metadataVersion":2,"product":"...",
//     "securityCounter":7,"target":"...","version":"1.3.0"},
//    "subject":[{"digest":{"sha256":"..."},"name":"fip"}]}
//
// Members sorted, no white space: one manifest has one text.
// Source: https://github.com/in-toto/attestation, spec v1. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_RELEASE_MANIFEST_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_RELEASE_MANIFEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/crypto.h"
#include "firmware/image/guid.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::image::host {

inline constexpr char kManifestPayloadType[] = "application/vnd.in-toto+json";
inline constexpr char kStatementType[] = "https://in-toto.io/Statement/v1";
inline constexpr char kReleasePredicate[] =
    "https://bootseal.dev/firmware-release/v1";

struct ReleasedImage {
  std::string name;  // unique; [a-z0-9-], for example "fip"
  Guid type;
  Guid location;
  std::vector<Guid> banks;  // its GUID in each bank; none of zeros, none twice
  std::uint64_t bank_size = 0;  // bytes; the image is not larger
  std::uint64_t size = 0;       // bytes, above 0
  std::string sha256;           // raw
};

struct ReleaseManifest {
  std::string product;  // a device compares it with its own
  std::string target;   // of the policy
  mcuboot::Version version;
  std::uint32_t security_counter = 0;
  std::uint32_t metadata_version = 2;  // 1 or 2
  std::uint32_t banks = 2;
  std::vector<ReleasedImage> images;  // in the metadata's order
  // Metadata for first provisioning, both replicas alike.
  std::string metadata;
};

std::string WriteManifest(const ReleaseManifest& manifest);

// INVALID_ARGUMENT (MANIFEST_MALFORMED, naming the member): not the one text of
// a manifest that is consistent, its metadata among it.
absl::StatusOr<ReleaseManifest> ReadManifest(absl::string_view json);

// Whom a device believes.
struct ReleaseTrust {
  Algorithm algorithm = Algorithm::kP256;
  std::string public_key;  // DER as for VerifySignature
  // The audit log's key, "name+id+base64". Empty: receipts are not demanded.
  std::string log_key;
};

// The proof that a manifest is what the key's owner released, and that the log
// has it. Only OpenRelease makes one; what writes a bank takes one.
class VerifiedRelease {
 public:
  const ReleaseManifest& manifest() const { return manifest_; }
  // Of the log entry; absent when no receipt was demanded.
  std::optional<std::uint64_t> log_index() const { return log_index_; }

 private:
  friend absl::StatusOr<VerifiedRelease> OpenRelease(absl::string_view envelope,
                                                     absl::string_view receipt,
                                                     const ReleaseTrust& trust);
  VerifiedRelease() = default;

  ReleaseManifest manifest_;
  std::optional<std::uint64_t> log_index_;
};

// As OpenStatement (signed_statement.h) and ReadManifest.
absl::StatusOr<VerifiedRelease> OpenRelease(absl::string_view envelope,
                                            absl::string_view receipt,
                                            const ReleaseTrust& trust);

// What the key signs of an envelope with this payload: the digest of the
// pre-authentication encoding, with the algorithm's hash (SHA-384 for P-384,
// SHA-256 otherwise).
Digest ManifestDigest(Algorithm algorithm, absl::string_view manifest);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_RELEASE_MANIFEST_H_
