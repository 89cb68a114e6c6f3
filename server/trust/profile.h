// From the policy's words to the verifier's rules, and to everything that can
// be computed of an image before its payload is there.
#ifndef BOOTSEAL_SERVER_TRUST_PROFILE_H_
#define BOOTSEAL_SERVER_TRUST_PROFILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/mcuboot/rules.h"
#include "server/trust/format.h"
#include "server/trust/receipt_format.h"

namespace bootseal::trust {

// What every profile must be like, whatever its format: INVALID_ARGUMENT
// (PROFILE_INVALID) when it is incomplete or its public key is not of its
// algorithm.
absl::Status CheckProfile(const v1::Profile& profile);
// INVALID_ARGUMENT (PROFILE_INVALID) for another format, with what to use for
// that.
absl::Status CheckFormatIs(const v1::Profile& profile,
                           v1::Target::FormatCase expected);

// Rules with the bytes that they point to. Immutable; thread-safe.
class McubootProfile {
 public:
  // INVALID_ARGUMENT (PROFILE_INVALID) when the profile is incomplete, its
  // public key is not of its algorithm, or it is of another format.
  static absl::StatusOr<std::shared_ptr<const McubootProfile>> Make(
      const v1::Profile& profile);

  const image::mcuboot::Rules& rules() const { return rules_; }
  const v1::Profile& proto() const { return proto_; }
  const v1::McubootFormat& format() const { return proto_.target().mcuboot(); }

 private:
  explicit McubootProfile(v1::Profile proto) : proto_(std::move(proto)) {}

  v1::Profile proto_;
  std::string key_hash_;
  Identity identity_;
  LogTrust log_;
  image::mcuboot::ReceiptRules receipt_;
  image::mcuboot::Rules rules_;
};

// A profile file (textproto), as `bootseal targets export` writes it.
absl::StatusOr<v1::Profile> ParseProfile(absl::string_view textproto);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PROFILE_H_
