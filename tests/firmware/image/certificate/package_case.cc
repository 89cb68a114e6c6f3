#include "tests/firmware/image/certificate/package_case.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {

using image::host::AsBytes;
using image::host::ToString;
using namespace image::certificate;

const SigningKey& ChainKeys::Of(const std::string& der) const {
  for (const SigningKey* key :
       {&root, &trusted_world, &non_trusted_world, &tos_fw, &nt_fw}) {
    if (key->public_key() == der) return *key;
  }
  std::abort();
}

const ChainKeys& SharedChainKeys() {
  static const auto* keys = new ChainKeys;
  return *keys;
}

std::string Sha256(const std::string& content) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(content)).bytes());
}

std::string PackageVector(const std::string& name) {
  std::ifstream file(
      std::string(BOOTSEAL_SOURCE_DIR "/tests/vectors/package/") + name,
      std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string WrittenCertificate(const Certificate& certificate) {
  std::array<std::byte, kMaxCertificateBytes> tbs;
  std::array<std::byte, kMaxCertificateBytes> whole;
  const auto to_be_signed = WriteToBeSigned(certificate, tbs);
  if (!to_be_signed.ok()) return image::host::NameOf(to_be_signed.error());
  const auto written =
      WriteCertificate(*to_be_signed, certificate.signature, whole);
  return written.ok() ? ToString(*written)
                      : image::host::NameOf(written.error());
}

const std::array<std::string, kImageRoles>& SmallImages() {
  static const auto* images = new std::array<std::string, kImageRoles>{
      "fw-config", "hw-config", "trusted world",     "its extra",
      "",          "",          "non-trusted world", ""};
  return *images;
}

image::host::CertificateRequest SmallRequest() {
  const ChainKeys& keys = SharedChainKeys();
  image::host::CertificateRequest request;
  request.keys = {keys.root.public_key(), keys.trusted_world.public_key(),
                  keys.non_trusted_world.public_key(), keys.tos_fw.public_key(),
                  keys.nt_fw.public_key()};
  request.trusted_counter = 5;
  request.non_trusted_counter = 5;
  request.not_before = absl::FromUnixSeconds(1'700'000'000);
  request.not_after = absl::FromUnixSeconds(2'400'000'000);
  for (std::size_t i = 0; i < kImageRoles; ++i) {
    if (!SmallImages()[i].empty()) {
      request.digests[i] = Sha256(SmallImages()[i]);
    }
  }
  return request;
}

std::string Signed(const image::host::PlannedCertificate& planned) {
  const SigningKey& key = SharedChainKeys().Of(planned.signer);
  return image::host::SealCertificate(planned,
                                      key.Sign(AsBytes(planned.digest)))
      .value();
}

Certificates SignedAll(const image::host::CertificateRequest& request) {
  Certificates certificates;
  const auto plan = image::host::PlanCertificates(request).value();
  for (const auto& planned : plan) {
    certificates[IndexOf(planned.role)] = Signed(planned);
  }
  return certificates;
}

std::string FipOf(const Certificates& certificates,
                  const std::array<std::string, kImageRoles>& images) {
  image::host::FipPackage package;
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (certificates[i].empty()) continue;
    package.images.push_back({kRoleTraits[i].uuid, certificates[i]});
  }
  for (std::size_t i = 0; i < kImageRoles; ++i) {
    if (images[i].empty()) continue;
    package.images.push_back({kImageTraits[i].uuid, images[i]});
  }
  return image::host::WriteFip(package).value();
}

std::string Resigned(const std::string& der, const SigningKey& key,
                     const std::function<void(Certificate&)>& change) {
  Certificate certificate = *ReadCertificate(AsBytes(der));
  change(certificate);
  std::array<std::byte, kMaxCertificateBytes> buffer;
  const auto written = WriteToBeSigned(certificate, buffer);
  if (!written.ok()) std::abort();
  const std::string to_be_signed = ToString(*written);
  const std::string signature = key.Sign(AsBytes(Sha256(to_be_signed)));
  return ToString(
      *WriteCertificate(AsBytes(to_be_signed), AsBytes(signature), buffer));
}

Rules SmallRules() {
  static const auto* hash = new std::string(ToString(
      KeyHashOf(KeyHashForm::kPoint,
                *ReadPublicKey(AsBytes(SharedChainKeys().root.public_key())))
          .bytes()));
  Rules rules;
  rules.root_key_hash = AsBytes(*hash);
  rules.trusted_counter = 5;
  rules.non_trusted_counter = 5;
  return rules;
}

std::string Verdict(const Rules& rules, const std::string& fip) {
  const auto toc = image::fip::ReadToc(AsBytes(fip), fip.size());
  if (!toc.ok()) return image::host::NameOf(toc.error());
  Verifier verifier(rules);
  image::Error error = AddAll(verifier, *toc, AsBytes(fip));
  if (error == image::Error::kOk) {
    const auto verified = verifier.Finish();
    error = verified.error();
    if (verified.ok()) return verified->intact() ? "OK" : "NOT INTACT";
  }
  return absl::StrCat(image::host::NameOf(error), " ",
                      NameOf(verifier.place()));
}

}  // namespace bootseal::tests
