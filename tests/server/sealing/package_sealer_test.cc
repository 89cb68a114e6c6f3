#include "server/sealing/package_sealer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_package.h"
#include "server/trust/package_format.h"
#include "server/trust/parts.h"
#include "server/trust/target_format.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_package.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using tests::MessageHas;
using tests::PackageFiles;
using tests::SigningKey;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// By the policy's names.
const std::map<std::string, SigningKey>& Keys() {
  static const auto* keys = [] {
    auto* made = new std::map<std::string, SigningKey>;
    for (const char* name : {"root", "tw", "ntw", "tee", "boot"}) {
      made->emplace(name, SigningKey(image::Algorithm::kP256));
    }
    return made;
  }();
  return *keys;
}

v1::Profile TestProfile() {
  v1::Profile profile;
  v1::Target& target = *profile.mutable_target();
  target.set_name("fip");
  target.set_key("root");
  *target.mutable_fip() = tests::TestPackageFormat();
  target.mutable_fip()->set_trusted_world_key("tw");
  target.mutable_fip()->set_non_trusted_world_key("ntw");
  target.mutable_fip()->set_tos_fw_key("tee");
  target.mutable_fip()->set_nt_fw_key("boot");
  profile.set_algorithm(v1::P256);
  profile.set_public_key(Keys().at("root").public_key());
  for (const auto& [name, key] : Keys()) {
    if (name == "root") continue;
    v1::ProfileKey& further = *profile.add_keys();
    further.set_name(name);
    further.set_public_key(key.public_key());
  }
  return profile;
}

absl::StatusOr<std::unique_ptr<Sealer>> Fed(const v1::SignHeader& header,
                                            const std::string& upload,
                                            std::size_t chunk = 4096,
                                            std::uint32_t counter = 1) {
  ASSIGN_OR_RETURN(const auto profile,
                   trust::TargetProfile::Make(TestProfile()));
  ASSIGN_OR_RETURN(auto sealer, StartSealer(profile, header, counter));
  for (std::size_t at = 0; at < upload.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(upload.substr(at, chunk)));
  }
  RETURN_IF_ERROR(sealer->EndOfPayload());
  return sealer;
}

absl::StatusOr<std::unique_ptr<Sealer>> Fed(const PackageFiles& files,
                                            std::size_t chunk = 4096) {
  return Fed(tests::PackageHeader("fip", files), tests::PackageUpload(files),
             chunk);
}

// `name`: of the key that signs in place of the right one; empty: none does.
absl::StatusOr<Sealed> SealedBy(const Sealer& sealer,
                                const std::string& name = "") {
  const v1::Target target = TestProfile().target();
  return sealer.Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        const std::string key =
            name.empty() ? trust::KeyFor(target, what.name) : name;
        const std::string signature = Keys().at(key).Sign(AsBytes(what.digest));
        RETURN_IF_ERROR(check(signature));
        return signature;
      });
}

std::string FipOf(const PackageFiles& files, const SealedPackage& sealed) {
  image::host::FipPackage package;
  for (const auto& [name, content] : files) {
    package.images.push_back({image::host::FindFipName(name)->uuid, content});
  }
  for (const v1::Certificate& each : sealed.certificates) {
    package.images.push_back(
        {image::host::FindFipName(each.name())->uuid, each.der()});
  }
  return image::host::WriteFip(package).value();
}

TEST(PackageSealer, MakesWhatADeviceStarts) {
  const PackageFiles files = tests::TestPackageFiles();
  const auto sealer = Fed(files);
  ASSERT_OK(sealer);
  const auto sealed = SealedBy(**sealer);
  ASSERT_OK(sealed);
  const auto& package = std::get<SealedPackage>(*sealed);
  EXPECT_TRUE(package.proof.intact());
  EXPECT_EQ(package.proof.trusted_counter(), 1u);
  const auto profile = trust::PackageProfile::Make(TestProfile()).value();
  const std::string fip = FipOf(files, package);
  const auto verdict =
      image::certificate::Verify(profile->rules(), AsBytes(fip));
  EXPECT_TRUE(verdict.ok()) << image::Text(verdict.error());
  EXPECT_EQ((*sealer)->payload_sha256(),
            trust::Sha256Of(tests::PackageUpload(files)));
  ASSERT_EQ((*sealer)->components().size(), files.size());
  EXPECT_EQ((*sealer)->components()[2].sha256(),
            trust::Sha256Of(files[2].second));
}

// What is asked for before anything is signed is what gets signed.
TEST(PackageSealer, AsksForEveryDigestByItsName) {
  const auto sealer = Fed(tests::TestPackageFiles());
  ASSERT_OK(sealer);
  const std::vector<ToSign> all = (*sealer)->to_sign();
  ASSERT_EQ(all.size(), 6u);
  std::vector<std::string> asked;
  ASSERT_OK((*sealer)->Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        const std::size_t at = asked.size();
        EXPECT_EQ(what.digest, all[at].what.digest);
        EXPECT_EQ(what.name, all[at].what.name);
        EXPECT_EQ(what.digest, trust::Sha256Of(all[at].preimage.message()));
        asked.push_back(what.name);
        const std::string signature =
            Keys()
                .at(trust::KeyFor(TestProfile().target(), what.name))
                .Sign(AsBytes(what.digest));
        RETURN_IF_ERROR(check(signature));
        return signature;
      }));
  EXPECT_EQ(asked,
            (std::vector<std::string>{"stm32mp-cfg-cert", "trusted-key-cert",
                                      "tos-fw-key-cert", "tos-fw-cert",
                                      "nt-fw-key-cert", "nt-fw-cert"}));
}

TEST(PackageSealer, MakesTheSameOfAnyChunksAndAtAnyTime) {
  std::vector<std::string> digests;
  for (const std::size_t chunk : {1, 7, 4096, 1'000'000}) {
    const auto sealer = Fed(tests::TestPackageFiles(), chunk);
    ASSERT_OK(sealer) << chunk;
    std::vector<std::string> found;
    for (const ToSign& each : (*sealer)->to_sign()) {
      found.push_back(each.what.digest);
    }
    if (digests.empty()) digests = found;
    EXPECT_EQ(found, digests) << chunk;
  }
}

TEST(PackageSealer, ReleasesNothingThatAnotherKeySigned) {
  const auto sealer = Fed(tests::TestPackageFiles());
  ASSERT_OK(sealer);
  for (const char* name : {"root", "tw", "ntw", "tee", "boot"}) {
    EXPECT_THAT(SealedBy(**sealer, name), StatusIs(kInvalid, "SIGNATURE"))
        << name;
  }
  EXPECT_OK(SealedBy(**sealer));
}

TEST(PackageSealer, RefusesImagesThatWereWrappedOrSignedBefore) {
  PackageFiles files = tests::TestPackageFiles();
  const auto sealer = Fed(files);
  ASSERT_OK(sealer);
  const auto sealed = SealedBy(**sealer);
  ASSERT_OK(sealed);
  const auto& package = std::get<SealedPackage>(*sealed);
  const auto refused = [&](const std::string& content) {
    PackageFiles other = files;
    other[4].second = content;
    return Fed(other, 5).status();
  };
  EXPECT_THAT(refused(FipOf({}, package)),
              testing::AllOf(StatusIs(kInvalid, "ALREADY_A_PACKAGE"),
                             MessageHas("component nt-fw begins as a package"),
                             MessageHas("give the image that the build made")));
  EXPECT_THAT(refused("STM2" + std::string(600, 'x')),
              StatusIs(kInvalid, "ALREADY_A_FIRST_STAGE"));
  EXPECT_THAT(refused(package.certificates[5].der()),
              StatusIs(kInvalid, "ALREADY_A_CERTIFICATE"));
}

TEST(PackageSealer, RefusesOtherSizesThanAnnounced) {
  const PackageFiles files = tests::TestPackageFiles();
  const std::string upload = tests::PackageUpload(files);
  const v1::SignHeader header = tests::PackageHeader("fip", files);
  EXPECT_THAT(Fed(header, upload + "x"), StatusIs(kInvalid, "SIZE_MISMATCH"));
  EXPECT_THAT(Fed(header, upload.substr(1)),
              StatusIs(kInvalid, "SIZE_MISMATCH"));
  v1::SignHeader fewer = header;
  fewer.mutable_components()->RemoveLast();
  EXPECT_THAT(Fed(fewer, upload), StatusIs(kInvalid, "COMPONENT_MISSING"));
}

// A judge that let differing counters pass would still release nothing.
TEST(PackageSealer, RefusesCountersThatDiffer) {
  const PackageFiles files = tests::TestPackageFiles();
  v1::SignHeader header = tests::PackageHeader("fip", files);
  header.set_non_trusted_counter(2);
  EXPECT_THAT(Fed(header, tests::PackageUpload(files)),
              StatusIs(kInvalid, "COUNTERS_DIFFER"));
}

TEST(PackageSealer, KeepsNoneOfTheImages) {
  const auto profile = trust::TargetProfile::Make(TestProfile()).value();
  EXPECT_EQ(BufferedBytes(profile, tests::PackageHeader(
                                       "fip", tests::TestPackageFiles())),
            0u);
}

}  // namespace
}  // namespace bootseal::sealing
