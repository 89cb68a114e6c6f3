#include "tests/client/approval/sample_pending.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/writer.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;

constexpr std::uint16_t kHeaderSize = 0x100;
constexpr std::size_t kPayloadBytes = 1000;

std::string Hash(const EVP_MD* hash, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, hash, nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string ProtectedArea() {
  std::array<std::byte, 256> buffer;
  const mcuboot::Vendor vendor{0xa5, image::host::AsBytes("sbom")};
  mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = true;
  tlvs.security_counter = 7;
  tlvs.vendor = {&vendor, 1};
  const auto area =
      mcuboot::WriteProtected(mcuboot::Rules(), {1, 2, 3, 4}, tlvs, buffer);
  EXPECT_TRUE(area.ok());
  return image::host::ToString(*area);
}

v1::Preimage PreimageOf(const SampleOptions& options) {
  const std::string area = ProtectedArea();
  mcuboot::Header header;
  header.header_size = kHeaderSize;
  header.protected_size = static_cast<std::uint16_t>(area.size());
  header.image_size = static_cast<std::uint32_t>(kPayloadBytes - options.room +
                                                 options.payload_padding);
  header.version = {1, 2, 3, 4};
  std::array<std::byte, kHeaderSize> buffer;
  const auto written = mcuboot::WriteHeader(header, std::byte{0xff}, buffer);
  EXPECT_TRUE(written.ok());
  v1::Preimage preimage;
  preimage.set_header(image::host::ToString(written->first(32)));
  preimage.set_padding_bytes(kHeaderSize - 32);
  preimage.set_padding_byte(options.room == 0 ? 0xff : 0);
  preimage.set_protected_tlvs(area);
  preimage.set_payload_padding_bytes(options.payload_padding);
  return preimage;
}

void SetCaller(v1::Entry& entry) {
  entry.set_time_unix_ms(1700000000000);
  entry.set_request_id("build-17");
  entry.set_policy_sha256(std::string(32, 'p'));
  v1::Caller& caller = *entry.mutable_caller();
  caller.set_identity("ci");
  caller.set_method("oidc");
  caller.set_subject("repo:acme/gateway");
  caller.set_issuer("github");
  v1::Claim& claim = *caller.add_claims();
  claim.set_name("repository_id");
  claim.set_value("4711");
  caller.set_behind("dave");
}

}  // namespace

std::string SamplePayload(const SampleOptions& options) {
  std::string payload(options.room, '\0');
  for (std::size_t i = payload.size(); i < kPayloadBytes; ++i) {
    payload.push_back(static_cast<char>(i * 7));
  }
  return payload;
}

v1::Entry SampleSigning(const SampleOptions& options) {
  const std::string payload = SamplePayload(options);
  v1::Entry entry;
  SetCaller(entry);
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_target("guarded");
  signing.set_version("1.2.3+4");
  signing.set_security_counter(7);
  signing.set_payload_size(payload.size());
  signing.set_payload_sha256(Hash(EVP_sha256(), payload));
  signing.set_decision(v1::PENDING);
  signing.set_request_sha256(std::string(32, 'r'));
  signing.set_approvals_needed(2);
  signing.set_expires_unix_ms(1700000600000);
  v1::SignedDigest& digest = *signing.add_digests();
  digest.set_key("app");
  digest.set_key_hash(std::string(32, 'k'));
  digest.set_algorithm(v1::ED25519);
  digest.set_pure(options.pure);
  *digest.mutable_preimage() = PreimageOf(options);
  const v1::Preimage& preimage = digest.preimage();
  digest.set_digest(
      Hash(options.sha512 || options.pure ? EVP_sha512() : EVP_sha256(),
           absl::StrCat(preimage.header(),
                        std::string(preimage.padding_bytes(),
                                    static_cast<char>(preimage.padding_byte())),
                        payload.substr(options.room),
                        std::string(options.payload_padding, '\0'),
                        preimage.protected_tlvs())));
  Restate(entry);
  return entry;
}

v1::Entry SampleKeyChange() {
  v1::Entry entry;
  SetCaller(entry);
  v1::KeyEvent& key = *entry.mutable_key();
  key.set_decision(v1::PENDING);
  key.set_expires_unix_ms(1700000600000);
  v1::KeyChange& change = *key.mutable_change();
  change.set_action(v1::ROTATE);
  change.set_key("app-2");
  change.set_public_key_sha256(std::string(32, '2'));
  change.set_replaces("app");
  change.set_replaces_sha256(std::string(32, '1'));
  Restate(entry);
  return entry;
}

void Restate(v1::Entry& entry) {
  const std::string& requester = entry.caller().identity();
  if (entry.has_key()) {
    entry.mutable_key()->set_subject_sha256(
        trust::SubjectOf(requester, entry.key().change()));
    return;
  }
  entry.mutable_signing()->set_subject_sha256(
      trust::SubjectOf(requester, entry.signing()));
}

v1::LogEntry Logged(const v1::Entry& entry) {
  v1::LogEntry logged;
  logged.set_index(12);
  const auto bytes = trust::EncodeEntry(entry);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  if (bytes.ok()) logged.set_entry(*bytes);
  return logged;
}

}  // namespace bootseal::tests
