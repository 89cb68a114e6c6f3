// Signatures and keys that went wrong on their way.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "firmware/image/host/mcuboot_signature.h"

#include "tests/firmware/image/host/mistake_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::ToString;
using namespace image::mcuboot;

std::string RawOf(const std::string& der) {
  return *image::host::ReadSignatureAs(image::host::CryptoLibrary::kMbedTls,
                                       AsBytes(der), 32);
}

// RSA's SubjectPublicKeyInfo of 2048 bits.
std::string SpkiOf(const std::string& pkcs1) {
  return absl::HexStringToBytes(
             "30820122300d06092a864886f70d01010105000382010f00") +
         pkcs1;
}

class DiagnosedSignature : public testing::TestWithParam<MistakeRow> {};

TEST_P(DiagnosedSignature, IsRecognised) { ExpectDiagnosis(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Signatures, DiagnosedSignature,
    testing::Values(
        MistakeRow{"not signed", "UNSIGNED",
                   [](MistakeCase& one) {
                     one.parts.unprotected.resize(1);
                     one.Join();
                   },
                   std::nullopt, "exit status 0"},
        MistakeRow{"without digest and signature", nullptr,
                   [](MistakeCase& one) {
                     one.parts.unprotected = {one.parts.unprotected[1]};
                     one.Join();
                   }},
        MistakeRow{"with raw r and s", "RAW_SIGNATURE",
                   [](MistakeCase& one) {
                     one.signature() = RawOf(one.signature());
                     one.Join();
                   },
                   std::nullopt, "DER"},
        MistakeRow{"with 64 bytes that are no signature", nullptr,
                   [](MistakeCase& one) {
                     one.signature() = std::string(64, '\x11');
                     one.Join();
                   }},
        MistakeRow{"with a padded signature", "PADDED_SIGNATURE",
                   [](MistakeCase& one) {
                     one.signature().append(3, '\0');
                     one.Join();
                   },
                   std::nullopt, "zero bytes behind the signature (3)"},
        MistakeRow{"with garbage behind the signature", nullptr,
                   [](MistakeCase& one) {
                     one.signature() += "gar";
                     one.Join();
                   }},
        MistakeRow{"that names the key by SHA-512", "KEY_HASH_ALGORITHM",
                   [](MistakeCase& one) {
                     one.key() = ToString(
                         image::HashOf(HashAlgorithm::kSha512,
                                       AsBytes(one.target.key().public_key()))
                             .bytes());
                     one.Join();
                   },
                   std::nullopt, "getpubhash"},
        MistakeRow{
            "of P-384 that names the key by SHA-256", "KEY_HASH_ALGORITHM",
            [](MistakeCase& one) {
              one.key() =
                  ToString(image::HashOf(HashAlgorithm::kSha256,
                                         AsBytes(one.target.key().public_key()))
                               .bytes());
              one.Join();
            },
            std::nullopt, "its SHA-384", Algorithm::kP384},
        MistakeRow{"that names a prefix of the key's hash", "KEY_HASH_PREFIX",
                   [](MistakeCase& one) {
                     one.key().resize(4);
                     one.Join();
                   },
                   std::nullopt, "the first 4 of the 32 bytes"},
        MistakeRow{"that names nothing", "KEY_HASH_PREFIX",
                   [](MistakeCase& one) {
                     one.key().clear();
                     one.Join();
                   }},
        MistakeRow{"that names a prefix of another key's hash", nullptr,
                   [](MistakeCase& one) {
                     one.key() = "kkkk";
                     one.Join();
                   }},
        MistakeRow{"that names another key", nullptr,
                   [](MistakeCase& one) {
                     one.key() = std::string(32, 'k');
                     one.Join();
                   }},
        MistakeRow{"with the RSA key as SubjectPublicKeyInfo", "KEY_ENCODING",
                   [](MistakeCase& one) {
                     one.target.rules.key_format = KeyFormat::kFull;
                     one.SignAgain();
                     one.key() = SpkiOf(one.key());
                     one.Join();
                   },
                   std::nullopt, "PKCS#1", Algorithm::kRsa2048},
        MistakeRow{
            "with the hash over the SubjectPublicKeyInfo", "KEY_ENCODING",
            [](MistakeCase& one) {
              one.key() = one.Hash(SpkiOf(one.target.key().public_key()));
              one.Join();
            },
            std::nullopt, "SubjectPublicKeyInfo", Algorithm::kRsa2048},
        MistakeRow{"with the full RSA key", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.key_format = KeyFormat::kFull;
                     one.SignAgain();
                   },
                   std::nullopt, "", Algorithm::kRsa2048}));

// Fill and trailer as --vector-to-sign leaves them with --pad.
std::string Padded(MistakeCase& one, const std::string& vector,
                   TrailerKind kind) {
  const std::string kept = one.image;
  one.image = vector;
  one.Pad(kind, 0x10000);
  const std::string padded = one.image;
  one.image = kept;
  return padded;
}

INSTANTIATE_TEST_SUITE_P(
    SignedOtherBytes, DiagnosedSignature,
    testing::Values(
        MistakeRow{"signed over the padded vector", "SIGNED_OTHER_BYTES",
                   [](MistakeCase& one) {
                     one.Sign(one.Hash(Padded(one, SignedPart(one.parts),
                                              TrailerKind::kPad)));
                   },
                   std::nullopt, "payload with --pad"},
        MistakeRow{"signed over the confirmed vector", "SIGNED_OTHER_BYTES",
                   [](MistakeCase& one) {
                     one.Sign(one.Hash(Padded(one, SignedPart(one.parts),
                                              TrailerKind::kConfirm)));
                   },
                   std::nullopt, "payload with --confirm"},
        MistakeRow{"signed over the padded digest", "SIGNED_OTHER_BYTES",
                   [](MistakeCase& one) {
                     one.Sign(
                         one.Hash(Padded(one, one.parts.unprotected[0].value,
                                         TrailerKind::kPad)));
                   },
                   std::nullopt, "digest with --pad"},
        MistakeRow{"signed over the hash of its digest", "SIGNED_OTHER_BYTES",
                   [](MistakeCase& one) {
                     one.Sign(one.Hash(one.parts.unprotected[0].value));
                   },
                   std::nullopt, "hashed once more"},
        MistakeRow{"of Ed25519 signed over itself", "SIGNED_OTHER_BYTES",
                   [](MistakeCase& one) { one.Sign(SignedPart(one.parts)); },
                   std::nullopt, "over the image itself", Algorithm::kEd25519},
        MistakeRow{"of P-384 signed over a SHA-256", "SIGNED_OTHER_BYTES",
                   [](MistakeCase& one) {
                     one.Sign(
                         ToString(image::HashOf(HashAlgorithm::kSha256,
                                                AsBytes(SignedPart(one.parts)))
                                      .bytes()));
                   },
                   std::nullopt, "SHA-256", Algorithm::kP384},
        MistakeRow{
            "signed when its boot record named nobody", "SIGNED_OTHER_BYTES",
            [](MistakeCase& one) {
              one.Make(301, Record());
              ImageParts first = one.parts;
              const std::string signer = ToString(one.target.rules.key_hash);
              first.protected_area.replace(first.protected_area.find(signer),
                                           32, std::string(32, '\0'));
              one.Sign(one.Hash(SignedPart(first)));
            },
            std::nullopt, "two runs"},
        MistakeRow{"signed over something else", nullptr,
                   [](MistakeCase& one) { one.Sign(std::string(32, 'x')); }}));

}  // namespace
}  // namespace bootseal::tests
