// Any text as what an approver's programs leave: a DSSE file, ssh-keygen's
// block, a job's token.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/approval/armour.h"
#include "client/approval/envelope_file.h"
#include "client/token/text.h"
#include "server/trust/sshsig.h"
#include "tests/fuzz/quiet.h"

namespace {

using namespace bootseal;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr double kLastSecond = 9e9;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireEnvelopeStays(const std::string& text) {
  const auto envelope = approval::ReadEnvelopeJson(text);
  if (!envelope.ok()) return;
  const auto again =
      approval::ReadEnvelopeJson(approval::WriteEnvelopeJson(*envelope));
  Require(again.ok() &&
          again->SerializeAsString() == envelope->SerializeAsString());
}

void RequireBlobStays(const std::string& text) {
  const auto blob = approval::ReadArmour(text);
  if (!blob.ok()) return;
  const auto again = approval::ReadArmour(
      absl::StrCat("-----BEGIN SSH SIGNATURE-----\n", absl::Base64Escape(*blob),
                   "\n-----END SSH SIGNATURE-----"));
  Require(again.ok() && *again == *blob);
  (void)trust::ReadSshSignature(*blob);
}

// An error is the one of any other text that is as long.
void RequireTokenKept(const std::string& text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  const auto token = token::ParseToken(text, "BOOTSEAL_TOKEN");
  if (!token.ok()) {
    const auto other =
        token::ParseToken(std::string(trimmed.size(), '!'), "BOOTSEAL_TOKEN");
    Require(token.status().message() == other.status().message());
    return;
  }
  Require(token->text.Reveal() == trimmed);
  Require(trimmed.size() <= token::kMaxTokenBytes);
  if (token->expires) {
    Require(*token->expires >= absl::UnixEpoch());
    Require(*token->expires <= absl::UnixEpoch() + absl::Seconds(kLastSecond));
  }
  const absl::Status expiry = token::CheckExpiry(*token, "a file", kNow);
  Require(expiry.ok() || *token->expires < kNow);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  bootseal::tests::SilenceProtobuf();
  const std::string text(reinterpret_cast<const char*>(data), size);
  RequireEnvelopeStays(text);
  RequireBlobStays(text);
  RequireTokenKept(text);
  return 0;
}
