#include "client/approval/capsule_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "client/approval/pending_words.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"

namespace bootseal::approval {
namespace {

using cli::Json;
using cli::JsonObject;
using image::host::CapsuleHeader;

// printf with octal escapes: the only ones that POSIX has.
std::string Printf(absl::string_view bytes) {
  if (bytes.empty()) return "";
  std::string text = "  printf '";
  for (const char c : bytes) {
    absl::StrAppendFormat(&text, "\\%03o", static_cast<unsigned char>(c));
  }
  return absl::StrCat(text, "'\n");
}

absl::Status ExpectHash(absl::string_view what, const std::string& computed,
                        const std::string& stated) {
  if (computed == stated) return absl::OkStatus();
  return base::Precondition(
      "PAYLOAD_MISMATCH",
      absl::StrCat(what, " has SHA-256 ", Hex(computed),
                   ", and the request is over ", Hex(stated)));
}

}  // namespace

std::vector<std::vector<std::string>> CapsuleRows(const Pending& pending) {
  const CapsuleHeader& header = pending.capsule->header;
  return {
      {"capsule",
       header.version
           ? absl::StrCat("firmware version ", header.version->version,
                          ", lowest supported ",
                          header.version->lowest_supported)
           : std::string("without a version: nothing keeps an older one off")},
      {"monotonic count", absl::StrCat(header.monotonic_count.value_or(0))},
      {"signed content",
       absl::StrCat("sha256 ", Hex(pending.capsule->content_sha256))},
      {"not signed", "image type, index, hardware instance and flags"}};
}

Json CapsuleJson(const Pending& pending) {
  const CapsuleHeader& header = pending.capsule->header;
  return JsonObject()
      .Add("firmware_version", header.version
                                   ? Json::Number(header.version->version)
                                   : Json::Null())
      .Add("lowest_supported_version",
           header.version ? Json::Number(header.version->lowest_supported)
                          : Json::Null())
      .Add("monotonic_count", Json::Number(header.monotonic_count.value_or(0)))
      .Add("content_sha256", Json::Hex(pending.capsule->content_sha256))
      .Build();
}

std::string RecomputeCapsuleCommands(const Pending& pending) {
  const v1::Preimage& preimage = DigestOf(pending).preimage();
  const std::string& message = preimage.message();
  const std::size_t front = message.size() - 32;
  return absl::StrCat("# prints ", Hex(message.substr(front)), "\n{\n",
                      Printf(preimage.header()), "  cat payload.bin\n",
                      Printf(preimage.protected_tlvs()), "} | sha256sum\n{\n",
                      Printf(message.substr(0, front)),
                      Printf(message.substr(front)), "} | sha256sum\n");
}

absl::Status CheckFirmware(const Pending& pending, absl::string_view firmware) {
  const std::string payload =
      image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                          image::host::AsBytes(firmware))
                                .bytes());
  RETURN_IF_ERROR(ExpectHash("the payload", payload,
                             pending.entry.signing().payload_sha256()));
  return ExpectHash(
      "what is signed with this payload",
      image::host::ContentSha256(pending.capsule->header, firmware),
      pending.capsule->content_sha256);
}

}  // namespace bootseal::approval
