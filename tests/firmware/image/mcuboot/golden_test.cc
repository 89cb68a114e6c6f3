// Images made by imgtool 2.4.0 (tests/vectors/mcuboot): our writer makes the
// same bytes, and our verifier takes them.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/image/mcuboot/writer.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using image::HashAlgorithm;
using image::MutableBytes;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::mcuboot;

enum class Trailer { kNone, kPad, kConfirm };

// What the vector's command line says, in our words.
struct Vector {
  const char* name;
  const char* key;
  Algorithm algorithm;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  Error verdict = Error::kOk;
  Trailer trailer = Trailer::kNone;
  bool has_counter = false;
  std::uint32_t counter = 0;
  const char* software_type = "";
  std::vector<Dependency> dependencies = {};
  std::vector<RawTlv> vendor = {};
  std::byte erased{0xff};
  Version version{1, 2, 3, 4};
  std::uint32_t image_flags = 0;
  std::uint32_t load_address = 0;
  // Deviations from header 0x20, slot 0x1000, key hash.
  std::function<void(Rules&)> adjust = [](Rules&) {};
};

std::ostream& operator<<(std::ostream& out, const Vector& vector) {
  return out << vector.name;
}

void TfmSecure(Rules& rules) {
  rules.header_size = 0x400;
  rules.slot_size = 0x2d000;
  rules.align = 8;
  rules.key_format = KeyFormat::kFull;
  rules.strategy = Strategy::kOverwriteOnly;
}

const std::vector<Vector>& Vectors() {
  using enum Algorithm;
  constexpr Algorithm kEd = kEd25519;
  static const auto* vectors = new std::vector<Vector>{
      {.name = "rsa2048", .key = "rsa2048", .algorithm = kRsa2048},
      {.name = "rsa3072", .key = "rsa3072", .algorithm = kRsa3072},
      {.name = "p256",
       .key = "p256",
       .algorithm = kP256,
       .has_counter = true,
       .counter = 7},
      {.name = "p384",
       .key = "p384",
       .algorithm = kP384,
       .hash = HashAlgorithm::kSha384,
       .software_type = "NSPE"},
      {.name = "ed25519", .key = "ed25519", .algorithm = kEd},
      {.name = "ed25519-sha512",
       .key = "ed25519",
       .algorithm = kEd,
       .hash = HashAlgorithm::kSha512,
       .software_type = "NSPE_SPE",
       .adjust = [](Rules& rules) { rules.max_boot_record_size = 164; }},
      {.name = "ed25519-full",
       .key = "ed25519",
       .algorithm = kEd,
       .adjust = [](Rules& rules) { rules.key_format = KeyFormat::kFull; }},
      {.name = "confirm",
       .key = "ed25519",
       .algorithm = kEd,
       .trailer = Trailer::kConfirm,
       .adjust = [](Rules& rules) { rules.align = 8; }},
      {.name = "confirm-overwrite",
       .key = "ed25519",
       .algorithm = kEd,
       .trailer = Trailer::kConfirm,
       .adjust =
           [](Rules& rules) { rules.strategy = Strategy::kOverwriteOnly; }},
      {.name = "max-align-32",
       .key = "ed25519",
       .algorithm = kEd,
       .trailer = Trailer::kConfirm,
       .adjust =
           [](Rules& rules) {
             rules.slot_size = 0x2000;
             rules.max_align = 32;
           }},
      {.name = "max-align-16",
       .key = "ed25519",
       .algorithm = kEd,
       .trailer = Trailer::kPad,
       .adjust =
           [](Rules& rules) {
             rules.slot_size = 0x2000;
             rules.align = 16;
             rules.max_align = 16;
           }},
      {.name = "erased-zero",
       .key = "ed25519",
       .algorithm = kEd,
       .trailer = Trailer::kPad,
       .erased = std::byte{0},
       .adjust = [](Rules& rules) { rules.header_size = 0x40; }},
      {.name = "vendor",
       .key = "ed25519",
       .algorithm = kEd,
       .has_counter = true,
       .counter = 0x01020003,
       .software_type = "SPE",
       .dependencies = {{1, {1, 0, 0, 7}}, {2, {2, 3, 4, 0}}},
       .vendor = {{0xa0, "\xde\xad\xbe\xef"},
                  {0xa1, "hello"},
                  {0xfffe, "last"}},
       .adjust = [](Rules& rules) { rules.image_count = 3; }},
      // The payload's vectors are for another address than 0x20010000.
      {.name = "load-address",
       .key = "ed25519",
       .algorithm = kEd,
       .verdict = Error::kVectorTable,
       .image_flags = flags::kRamLoad,
       .load_address = 0x20010000,
       .adjust =
           [](Rules& rules) {
             rules.strategy = Strategy::kRamLoad;
             rules.load_address = 0x20010000;
           }},
      {.name = "tfm-s",
       .key = "rsa3072",
       .algorithm = kRsa3072,
       .trailer = Trailer::kPad,
       .has_counter = true,
       .counter = 1,
       .software_type = "SPE",
       .dependencies = {{1, {0, 0, 0, 0}}},
       .version = {1, 3, 0, 0},
       .adjust =
           [](Rules& rules) {
             TfmSecure(rules);
             rules.security_counter = Presence::kRequired;
             rules.security_counter_ceiling = 512;
             rules.boot_record = Presence::kRequired;
             rules.dependency = Presence::kRequired;
             rules.image_count = 2;
           }},
      {.name = "tfm-s-bare",
       .key = "rsa3072",
       .algorithm = kRsa3072,
       .trailer = Trailer::kPad,
       .version = {1, 3, 0, 0},
       .adjust = TfmSecure},
      {.name = "non-bootable",
       .key = "ed25519",
       .algorithm = kEd,
       .verdict = Error::kNonBootable,
       .image_flags = flags::kNonBootable},
  };
  return *vectors;
}

std::string VectorFile(const std::string& name) {
  auto content = base::ReadFile(
      absl::StrCat(BOOTSEAL_SOURCE_DIR "/tests/vectors/mcuboot/", name),
      1 << 20);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.value_or("");
}

// "size 4096" and the like, by their first word.
std::map<std::string, std::string> Notes(const std::string& name) {
  std::map<std::string, std::string> notes;
  for (absl::string_view line :
       absl::StrSplit(VectorFile(name + ".txt"), '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    notes[std::string(parts.first)] = std::string(parts.second);
  }
  return notes;
}

constexpr std::size_t kPayloadBytes = 301;

class Golden : public testing::TestWithParam<Vector> {
 protected:
  Golden() : public_key_(VectorFile(absl::StrCat(GetParam().key, ".pub.der"))) {
    const Vector& vector = GetParam();
    rules_.algorithm = vector.algorithm;
    rules_.hash = vector.hash;
    rules_.public_key = AsBytes(public_key_);
    key_hash_ = image::HashOf(vector.hash, AsBytes(public_key_));
    rules_.key_hash = key_hash_.bytes();
    rules_.header_size = 0x20;
    rules_.slot_size = 0x1000;
    vector.adjust(rules_);
  }

  ImageParts Write() const;
  std::string Pad(std::string image) const;

  std::string public_key_;
  image::Digest key_hash_;
  Rules rules_;
};

ImageParts Golden::Write() const {
  const Vector& vector = GetParam();
  std::vector<Vendor> vendor;
  for (const RawTlv& tlv : vector.vendor) {
    vendor.push_back({tlv.type, AsBytes(tlv.value)});
  }
  const ProtectedTlvs tlvs{.has_security_counter = vector.has_counter,
                           .security_counter = vector.counter,
                           .software_type = AsBytes(vector.software_type),
                           .dependencies = vector.dependencies,
                           .vendor = vendor};
  std::array<std::byte, 1024> buffer;
  const auto area = WriteProtected(rules_, vector.version, tlvs, buffer);
  EXPECT_TRUE(area.ok()) << NameOf(area.error());
  ImageParts parts;
  parts.header.header_size = static_cast<std::uint16_t>(rules_.header_size);
  parts.header.version = vector.version;
  parts.header.flags = vector.image_flags;
  parts.header.load_address = vector.load_address;
  parts.padding = vector.erased;
  parts.payload = TestPayload(kPayloadBytes);
  parts.protected_area = ToString(*area);
  return parts;
}

std::string Golden::Pad(std::string image) const {
  const Vector& vector = GetParam();
  if (vector.trailer == Trailer::kNone) return image;
  const TrailerKind kind = vector.trailer == Trailer::kPad
                               ? TrailerKind::kPad
                               : TrailerKind::kConfirm;
  std::array<std::byte, 80> buffer;
  const auto trailer = WriteTrailer(rules_, kind, vector.erased, buffer);
  EXPECT_TRUE(trailer.ok());
  image.resize(rules_.slot_size - trailer->size(),
               static_cast<char>(vector.erased));
  return image + ToString(*trailer);
}

TEST_P(Golden, IsReproducedByteForByte) {
  const std::string golden = VectorFile(absl::StrCat(GetParam().name, ".bin"));
  const std::string signed_part = SignedPart(Write());
  ASSERT_EQ(golden.substr(0, signed_part.size()), signed_part);
  // The signature is the one thing that only the key's owner can write.
  std::string signature;
  for (const Tlv& tlv : Tlvs(AsBytes(golden).subspan(signed_part.size()))) {
    if (IsSignature(tlv.type)) signature = ToString(tlv.value);
  }
  std::array<std::byte, 2048> buffer;
  const auto area =
      WriteUnprotected(rules_, image::HashOf(rules_.hash, AsBytes(signed_part)),
                       AsBytes(signature), buffer);
  ASSERT_TRUE(area.ok());
  EXPECT_EQ(golden, signed_part + ToString(*area));
}

TEST_P(Golden, IsReproducedToTheEndOfTheSlot) {
  auto notes = Notes(GetParam().name);
  const std::string file =
      Pad(VectorFile(absl::StrCat(GetParam().name, ".bin")));
  EXPECT_EQ(absl::StrCat(file.size()), notes["size"]);
  EXPECT_EQ(absl::BytesToHexString(ToString(
                image::HashOf(HashAlgorithm::kSha256, AsBytes(file)).bytes())),
            notes["sha256"]);
}

TEST_P(Golden, GetsItsVerdict) {
  const std::string file =
      Pad(VectorFile(absl::StrCat(GetParam().name, ".bin")));
  const auto verdict = Verify(rules_, AsBytes(file));
  EXPECT_EQ(NameOf(verdict.error()), NameOf(GetParam().verdict));
  EXPECT_EQ(verdict->intact(), GetParam().verdict == Error::kOk);
}

// What imgtool made rightly leaves nothing to recognise, and MCUboot takes it.
// Two are right by imgtool and serve no device: the flag says so, and the
// payload is linked elsewhere.
TEST_P(Golden, IsGivenNoDiagnosisAndTakenByMcuboot) {
  using image::host::PredictedBoot;
  const std::string file =
      Pad(VectorFile(absl::StrCat(GetParam().name, ".bin")));
  const bool linked = GetParam().verdict != Error::kVectorTable;
  const auto found = image::host::Diagnose(image::host::Gather(
      rules_, AsBytes(file), {.name = "t", .erased = GetParam().erased}));
  for (const auto& one : found) EXPECT_EQ(one.code, "LINK_ADDRESS");
  EXPECT_EQ(found.size(), linked ? 0U : 1U);
  const auto predictions = image::host::PredictMcuboot(rules_, AsBytes(file));
  ASSERT_EQ(predictions.size(), 1U);
  const bool bootable = GetParam().verdict != Error::kNonBootable;
  EXPECT_EQ(predictions[0].boot,
            bootable ? PredictedBoot::kStarts : PredictedBoot::kRefused)
      << predictions[0].reason;
}

INSTANTIATE_TEST_SUITE_P(Imgtool, Golden, testing::ValuesIn(Vectors()),
                         [](const auto& vector) {
                           std::string name = vector.param.name;
                           for (char& c : name) {
                             if (c == '-') c = '_';
                           }
                           return name;
                         });

struct Refused {
  const char* name;
  const char* key;
  Algorithm algorithm;
  HashAlgorithm hash;
  Error verdict;
};

class GoldenRefused : public testing::TestWithParam<Refused> {};

TEST_P(GoldenRefused, WithItsReason) {
  const std::string key = VectorFile(absl::StrCat(GetParam().key, ".pub.der"));
  const image::Digest key_hash = image::HashOf(GetParam().hash, AsBytes(key));
  const Rules rules{.algorithm = GetParam().algorithm,
                    .hash = GetParam().hash,
                    .public_key = AsBytes(key),
                    .key_hash = key_hash.bytes(),
                    .header_size = 0x20,
                    .slot_size = 0x1000,
                    .software_type = {}};
  const std::string file = VectorFile(absl::StrCat(GetParam().name, ".bin"));
  EXPECT_EQ(NameOf(Verify(rules, AsBytes(file)).error()),
            NameOf(GetParam().verdict));
}

INSTANTIATE_TEST_SUITE_P(
    Imgtool, GoldenRefused,
    testing::Values(Refused{"pad-sig", "p256", Algorithm::kP256,
                            HashAlgorithm::kSha256, Error::kDer},
                    Refused{"pure", "ed25519", Algorithm::kEd25519,
                            HashAlgorithm::kSha512, Error::kTlvNotAllowed},
                    Refused{"ed25519-sha512", "ed25519", Algorithm::kEd25519,
                            HashAlgorithm::kSha256, Error::kDigestType},
                    Refused{"ed25519", "ed25519", Algorithm::kEd25519,
                            HashAlgorithm::kSha512, Error::kDigestType},
                    Refused{"ed25519-full", "ed25519", Algorithm::kEd25519,
                            HashAlgorithm::kSha256, Error::kKeyFormat},
                    Refused{"rsa3072", "rsa2048", Algorithm::kRsa2048,
                            HashAlgorithm::kSha256, Error::kKeyUnknown},
                    Refused{"p256", "rsa2048", Algorithm::kRsa2048,
                            HashAlgorithm::kSha256, Error::kKeyUnknown}));

}  // namespace
}  // namespace bootseal::tests
