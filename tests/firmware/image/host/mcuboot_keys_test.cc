// Which key and which digest MCUboot takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "tests/firmware/image/host/loader_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::ToString;
using namespace image::mcuboot;

constexpr Algorithm kP = Algorithm::kP256;
constexpr Algorithm kEd = Algorithm::kEd25519;
constexpr Algorithm kRsa = Algorithm::kRsa2048;

void HardwareKey(Rules& rules) { rules.key_format = KeyFormat::kFull; }

class McubootKey : public testing::TestWithParam<LoaderRow> {};

TEST_P(McubootKey, OfAnImage) { ExpectPrediction(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Keys, McubootKey,
    testing::Values(
        LoaderRow{"of the target", kP, kStarts},
        LoaderRow{"of an RSA target", kRsa, kStarts},
        LoaderRow{"of a P-384 target", Algorithm::kP384, kStarts},
        LoaderRow{"of an Ed25519 target", kEd, kStarts},
        LoaderRow{.name = "signed with another key that it names",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after =
                      [](LoaderCase& one) {
                        one.SignBy(OtherKey(kP));
                        one.key().value =
                            HashOfKey(OtherKey(kP), HashAlgorithm::kSha256);
                      }},
        LoaderRow{.name = "signed with another key than it names",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after = [](LoaderCase& one) { one.SignBy(OtherKey(kP)); }},
        LoaderRow{.name = "without a key hash",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after =
                      [](LoaderCase& one) {
                        one.parts.unprotected.erase(
                            one.parts.unprotected.begin() + 1);
                      }},
        LoaderRow{.name = "with a key hash of 33 bytes",
                  .algorithm = kP,
                  .expected = "KEY_TLV",
                  .after = [](LoaderCase& one) { one.key().value += 'x'; }},
        LoaderRow{
            .name = "with its key hash after the signature",
            .algorithm = kP,
            .expected = "SIGNATURE",
            .after =
                [](LoaderCase& one) { std::swap(one.key(), one.signature()); }},
        LoaderRow{.name = "with an empty key hash",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after = [](LoaderCase& one) { one.key().value.clear(); }},
        LoaderRow{.name = "with a prefix of its key hash",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after = [](LoaderCase& one) { one.key().value.resize(7); }},
        LoaderRow{.name = "with another prefix",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .after =
                      [](LoaderCase& one) {
                        one.key().value.resize(7);
                        one.key().value[6] ^= 1;
                      }},
        LoaderRow{.name = "in the order key, signature, digest",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        auto& tlvs = one.parts.unprotected;
                        std::rotate(tlvs.begin(), tlvs.begin() + 1, tlvs.end());
                      }},
        LoaderRow{.name = "with its key hash in the protected area",
                  .algorithm = kP,
                  .expected = kStarts,
                  .before =
                      [](LoaderCase& one) {
                        Protect(one, {{tlv::kKeyHash,
                                       ToString(one.target.rules.key_hash)}});
                      },
                  .after =
                      [](LoaderCase& one) {
                        one.parts.unprotected.erase(
                            one.parts.unprotected.begin() + 1);
                      }},
        LoaderRow{.name = "with the full key for MCUBOOT_HW_KEY",
                  .algorithm = kP,
                  .expected = kStarts,
                  .rules = HardwareKey},
        LoaderRow{.name = "with another key for MCUBOOT_HW_KEY",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .rules = HardwareKey,
                  .after =
                      [](LoaderCase& one) {
                        one.key().value = OtherKey(kP).public_key();
                        one.SignBy(OtherKey(kP));
                      }},
        LoaderRow{.name = "with a byte after the key for MCUBOOT_HW_KEY",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .rules = HardwareKey,
                  .after = [](LoaderCase& one) { one.key().value += '\0'; }},
        LoaderRow{
            .name = "with a key beyond the buffer of MCUBOOT_HW_KEY",
            .algorithm = kP,
            .expected = "KEY_TLV",
            .rules = HardwareKey,
            .after = [](LoaderCase& one) { one.key().value.resize(153); }},
        LoaderRow{.name = "with the key's hash for MCUBOOT_HW_KEY",
                  .algorithm = kP,
                  .expected = "SIGNATURE",
                  .rules = HardwareKey,
                  .after =
                      [](LoaderCase& one) {
                        one.key() = {tlv::kKeyHash,
                                     ToString(one.target.rules.key_hash)};
                      }},
        LoaderRow{
            .name = "with the full key without MCUBOOT_HW_KEY",
            .algorithm = kP,
            .expected = "SIGNATURE",
            .after =
                [](LoaderCase& one) {
                  one.key() = {tlv::kPublicKey, one.target.key().public_key()};
                }},
        LoaderRow{.name = "with a SHA-256 key hash for P-384",
                  .algorithm = Algorithm::kP384,
                  .expected = "SIGNATURE",
                  .after = [](LoaderCase& one) {
                    one.key().value =
                        HashOfKey(one.target.key(), HashAlgorithm::kSha256);
                  }}));

INSTANTIATE_TEST_SUITE_P(
    Digests, McubootKey,
    testing::Values(
        LoaderRow{.name = "without a digest",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .after =
                      [](LoaderCase& one) {
                        one.parts.unprotected.erase(
                            one.parts.unprotected.begin());
                      }},
        LoaderRow{.name = "with a wrong digest",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .after = [](LoaderCase& one) { one.digest().value[3] ^= 1; }},
        LoaderRow{
            .name = "with a digest of 31 bytes",
            .algorithm = kP,
            .expected = "HASH_TLV",
            .after = [](LoaderCase& one) { one.digest().value.resize(31); }},
        LoaderRow{.name = "with a SHA-512 in place of its digest",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .after =
                      [](LoaderCase& one) {
                        one.digest() = {
                            tlv::kSha512,
                            ToString(
                                image::HashOf(HashAlgorithm::kSha512,
                                              AsBytes(SignedPart(one.parts)))
                                    .bytes())};
                      }},
        LoaderRow{.name = "with a second, wrong digest",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kSha256, std::string(32, 'x'));
                      }},
        LoaderRow{.name = "with a second, right digest",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kSha256, one.digest().value);
                      }},
        LoaderRow{.name = "with a changed payload",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .bytes = [](std::string& image) { image[0x40] ^= 1; }},
        LoaderRow{.name = "with a changed version",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .bytes = [](std::string& image) { image[0x14] ^= 1; }},
        LoaderRow{
            .name = "with a changed protected TLV",
            .algorithm = kP,
            .expected = "HASH_TLV",
            .before =
                [](LoaderCase& one) {
                  Protect(one, {{0xa0, "value"}});
                },
            .bytes = [](std::string& image) { image[0x20 + 301 + 8] ^= 1; }},
        LoaderRow{.name = "with unknown flags and a pad word that are hashed",
                  .algorithm = kP,
                  .expected = kStarts,
                  .before = [](LoaderCase& one) {
                    one.parts.header.flags = 0x80000001;
                  }}));

}  // namespace
}  // namespace bootseal::tests
