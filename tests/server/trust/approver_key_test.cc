#include "server/trust/approver_key.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/trust/ssh_wire.h"
#include "server/trust/sshsig.h"
#include "tests/server/trust/approver_keys.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::AllOf;
using tests::ApproverKeys;
using tests::MessageHas;

constexpr char kMessage[] = "DSSEv1 4 type 4 body";

auto IsNoKey(const char* why) {
  return AllOf(
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "APPROVER_KEY"),
      MessageHas(why));
}

auto IsInvalid(const char* why) {
  return AllOf(
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "SIGNATURE_INVALID"),
      MessageHas(why));
}

auto IsOfAnotherKey() {
  return tests::StatusIs(absl::StatusCode::kPermissionDenied,
                         "UNKNOWN_APPROVER_KEY");
}

std::string Base64(absl::string_view bytes) {
  std::string text;
  absl::Base64Escape(bytes, &text);
  return text;
}

// The blob of a public key line.
std::string BlobOf(const std::string& line) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  std::string blob;
  EXPECT_TRUE(absl::Base64Unescape(words.at(1), &blob));
  return blob;
}

std::string LineOf(absl::string_view type, absl::string_view blob) {
  return absl::StrCat(type, " ", Base64(blob), " someone");
}

class PemKey : public ::testing::TestWithParam<const char*> {};

TEST_P(PemKey, VerifiesWhatOpensslSignedAndNothingElse) {
  ApproverKeys keys;
  const std::string path = keys.MakePem(GetParam());
  const std::string signature = keys.SignPem(path, GetParam(), kMessage);
  const auto key = ApproverKey::Parse(keys.PemOf(path));
  ASSERT_OK(key);
  EXPECT_EQ(key->Description(), GetParam());
  EXPECT_OK(key->Verify(kMessage, signature));
  EXPECT_THAT(key->Verify("DSSEv1 4 type 4 bodY", signature),
              IsInvalid("is not that of key"));
  EXPECT_THAT(key->Verify(kMessage, signature + '\0'),
              IsInvalid("is not that of key"));
  EXPECT_THAT(key->Verify(kMessage, ""), IsInvalid("is not that of key"));
  const auto other = ApproverKey::Parse(keys.PemOf(keys.MakePem(GetParam())));
  ASSERT_OK(other);
  EXPECT_THAT(other->Verify(kMessage, signature),
              IsInvalid("is not that of key"));
}

TEST_P(PemKey, IsHintedAtByTheHashOfItsEncoding) {
  ApproverKeys keys;
  const std::string path = keys.MakePem(GetParam());
  const auto key = ApproverKey::Parse(keys.PemOf(path));
  ASSERT_OK(key);
  const std::string sum =
      ApproverKeys::Must({"sh", "-c",
                          absl::StrCat("openssl pkey -in ", path,
                                       " -pubout -outform DER | sha256sum")});
  EXPECT_EQ(key->keyid(), sum.substr(0, 64));
}

INSTANTIATE_TEST_SUITE_P(Kinds, PemKey,
                         ::testing::Values("ed25519", "p256", "p384",
                                           "rsa2048"));

TEST(PemKey, OfRsaTakesNoOtherPaddingAndNoOtherSalt) {
  ApproverKeys keys;
  const std::string path = keys.MakePem("rsa2048");
  const auto key = ApproverKey::Parse(keys.PemOf(path));
  ASSERT_OK(key);
  for (const char* const options :
       {"", "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20"}) {
    const std::string signature = ApproverKeys::Must(
        {"sh", "-c",
         absl::StrCat("openssl dgst -sha256 ", options, " -sign ", path, " ",
                      keys.File(kMessage))});
    EXPECT_THAT(key->Verify(kMessage, signature),
                IsInvalid("is not that of key"));
  }
}

TEST(PemKey, TakesNoSignatureOfAnSshKey) {
  ApproverKeys keys;
  const std::string ssh = keys.MakeSsh("ed25519");
  const auto key = ApproverKey::Parse(keys.PemOf(keys.MakePem("ed25519")));
  ASSERT_OK(key);
  const std::string signature = keys.SignSsh(ssh, kMessage);
  EXPECT_THAT(key->Verify(kMessage, signature),
              IsInvalid("is not that of key"));
  EXPECT_FALSE(key->IsNamedIn(signature));
}

class SshKey : public ::testing::TestWithParam<const char*> {};

TEST_P(SshKey, VerifiesWhatSshKeygenSignedAndNothingElse) {
  ApproverKeys keys;
  const std::string path = keys.MakeSsh(GetParam());
  const auto key = ApproverKey::Parse(ApproverKeys::LineOf(path));
  ASSERT_OK(key);
  EXPECT_EQ(key->Description(), absl::StrCat("ssh ", GetParam()));
  EXPECT_EQ(key->keyid(), ApproverKeys::FingerprintOf(path));
  for (const char* const hash : {"", "sha256", "sha512"}) {
    const std::string signature = keys.SignSsh(path, kMessage, {.hash = hash});
    EXPECT_OK(key->Verify(kMessage, signature)) << hash;
    EXPECT_TRUE(key->IsNamedIn(signature));
    EXPECT_THAT(key->Verify("another", signature),
                IsInvalid("does not verify"));
    EXPECT_THAT(key->Verify(kMessage, signature + '\0'),
                IsInvalid("has bytes behind it"));
  }
}

TEST_P(SshKey, TakesNoSignatureForAnotherPurpose) {
  ApproverKeys keys;
  const std::string path = keys.MakeSsh(GetParam());
  const auto key = ApproverKey::Parse(ApproverKeys::LineOf(path));
  ASSERT_OK(key);
  for (const char* const name_space :
       {"git", "file", "bootseal.v1.approval2", "Bootseal.v1.approval"}) {
    EXPECT_THAT(key->Verify(kMessage, keys.SignSsh(path, kMessage,
                                                   {.name_space = name_space})),
                IsInvalid("is for namespace"));
  }
}

TEST_P(SshKey, SaysWhenASignatureHoldsAnotherKey) {
  ApproverKeys keys;
  const auto key =
      ApproverKey::Parse(ApproverKeys::LineOf(keys.MakeSsh(GetParam())));
  ASSERT_OK(key);
  const std::string signature =
      keys.SignSsh(keys.MakeSsh(GetParam()), kMessage);
  EXPECT_THAT(key->Verify(kMessage, signature), IsOfAnotherKey());
  EXPECT_FALSE(key->IsNamedIn(signature));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SshKey,
                         ::testing::Values("ed25519", "p256", "p384",
                                           "rsa2048"));

// ssh-keygen exports no Ed25519 key; of one TokenKey tells the same.
class ExportedSshKey : public ::testing::TestWithParam<const char*> {};

TEST_P(ExportedSshKey, IsTheSameKeyAsItsPem) {
  ApproverKeys keys;
  const std::string path = keys.MakeSsh(GetParam());
  const auto key = ApproverKey::Parse(ApproverKeys::LineOf(path));
  ASSERT_OK(key);
  const auto pem = ApproverKey::Parse(ApproverKeys::Must(
      {"ssh-keygen", "-e", "-m", "PKCS8", "-f", path + ".pub"}));
  ASSERT_OK(pem);
  EXPECT_EQ(key->spki_sha256(), pem->spki_sha256());
  EXPECT_EQ(key->device_sha256(), pem->device_sha256());
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExportedSshKey,
                         ::testing::Values("p256", "p384", "rsa2048"));

TEST(ApproverKeyLine, MayHaveNoComment) {
  ApproverKeys keys;
  const std::string blob =
      BlobOf(ApproverKeys::LineOf(keys.MakeSsh("ed25519")));
  EXPECT_OK(ApproverKey::Parse(absl::StrCat("ssh-ed25519 ", Base64(blob))));
}

TEST(ApproverKeyLine, IsRefusedInAnyOtherForm) {
  ApproverKeys keys;
  const std::string line = ApproverKeys::LineOf(keys.MakeSsh("ed25519"));
  const std::string blob = BlobOf(line);
  EXPECT_THAT(ApproverKey::Parse(""), IsNoKey("is empty"));
  EXPECT_THAT(ApproverKey::Parse(" \n"), IsNoKey("is empty"));
  EXPECT_THAT(ApproverKey::Parse("ssh-ed25519"), IsNoKey("is no public key"));
  EXPECT_THAT(ApproverKey::Parse("ssh-ed25519 AAAA!"),
              IsNoKey("is no public key"));
  EXPECT_THAT(ApproverKey::Parse("no-touch-required " + line),
              IsNoKey("without options"));
  EXPECT_THAT(ApproverKey::Parse(line + line), IsNoKey("more than one line"));
  EXPECT_THAT(ApproverKey::Parse(LineOf("ssh-rsa", blob)),
              IsNoKey("says ssh-rsa and holds ssh-ed25519"));
  EXPECT_THAT(ApproverKey::Parse(LineOf("ssh-ed25519", blob + '\0')),
              IsNoKey("bytes behind it"));
  for (std::size_t size = 0; size < blob.size(); ++size) {
    EXPECT_FALSE(
        ApproverKey::Parse(LineOf("ssh-ed25519", blob.substr(0, size))).ok());
  }
}

TEST(ApproverKeyLine, OfAKindThatIsNotTakenIsRefused) {
  ApproverKeys keys;
  EXPECT_THAT(ApproverKey::Parse(ApproverKeys::LineOf(keys.MakeSsh("p521"))),
              IsNoKey("is of type \"ecdsa-sha2-nistp521\""));
  EXPECT_THAT(ApproverKey::Parse(ApproverKeys::LineOf(keys.MakeSsh("rsa1024"))),
              IsNoKey("is an RSA key of 1024 bits"));
  const std::string blob = BlobOf(ApproverKeys::LineOf(keys.MakeSsh("p256")));
  const std::string p384 = absl::StrCat(SshString("ecdsa-sha2-nistp384"),
                                        blob.substr(SshString("ecdsa-sha2-"
                                                              "nistp256")
                                                        .size()));
  EXPECT_THAT(ApproverKey::Parse(LineOf("ecdsa-sha2-nistp384", p384)),
              IsNoKey("names another curve"));
  std::string off_curve = blob;
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  EXPECT_THAT(ApproverKey::Parse(LineOf("ecdsa-sha2-nistp256", off_curve)),
              IsNoKey("no uncompressed point"));
}

TEST(ApproverKeyLine, OfRsaHasNumbersInOneForm) {
  ApproverKeys keys;
  const std::string blob =
      BlobOf(ApproverKeys::LineOf(keys.MakeSsh("rsa2048")));
  SshReader parts(blob);
  parts.String();
  const std::string e(parts.String());
  const std::string n(parts.String());
  const auto with = [](const std::string& exponent,
                       const std::string& modulus) {
    return ApproverKey::Parse(LineOf(
        "ssh-rsa", absl::StrCat(SshString("ssh-rsa"), SshString(exponent),
                                SshString(modulus))));
  };
  EXPECT_OK(with(e, n));
  EXPECT_THAT(with(std::string(1, '\0') + e, n), IsNoKey("zeros in front"));
  EXPECT_THAT(with(e, std::string(1, '\0') + n), IsNoKey("zeros in front"));
  EXPECT_THAT(with(e, n.substr(1)), IsNoKey("zeros in front"));
  EXPECT_THAT(with("", n), IsNoKey("zeros in front"));
  EXPECT_THAT(with("\x01", n), IsNoKey("exponent is even, 1"));
  EXPECT_THAT(with("\x04", n), IsNoKey("exponent is even, 1"));
  std::string even = n;
  even.back() = '\x10';
  EXPECT_THAT(with(e, even), IsNoKey("modulus is even"));
  EXPECT_THAT(with(e, std::string(1, '\0') + std::string(1100, '\xff')),
              IsNoKey("modulus of 1100 bytes"));
}

TEST(ApproverKeyPem, IsRefusedInAnyOtherForm) {
  ApproverKeys keys;
  const std::string path = keys.MakePem("p256");
  const std::string pem = keys.PemOf(path);
  EXPECT_OK(ApproverKey::Parse("\n" + pem + "\n"));
  EXPECT_THAT(ApproverKey::Parse(pem + pem),
              IsNoKey("more than one PEM block"));
  EXPECT_THAT(ApproverKey::Parse("text\n" + pem), IsNoKey("is no public key"));
  EXPECT_THAT(ApproverKey::Parse(pem + "text"), IsNoKey("is no public key"));
  EXPECT_THAT(ApproverKey::Parse(ApproverKeys::Must({"cat", path})),
              IsNoKey("is no public key"));
  EXPECT_THAT(ApproverKey::Parse(ApproverKeys::Must({"openssl", "rsa", "-in",
                                                     keys.MakePem("rsa2048"),
                                                     "-RSAPublicKey_out"})),
              IsNoKey("is no public key"));
  EXPECT_THAT(ApproverKey::Parse("-----BEGIN PUBLIC KEY-----\nAAAA\n"
                                 "-----END PUBLIC KEY-----\n"),
              IsNoKey("is no public key"));
}

TEST(ApproverKeyPem, OfAKindThatIsNotTakenIsRefused) {
  ApproverKeys keys;
  EXPECT_THAT(ApproverKey::Parse(keys.PemOf(keys.MakePem("rsa1024"))),
              IsNoKey("is an RSA key of 1024 bits"));
  const std::string p256 = keys.MakePem("p256");
  for (const char* const form :
       {"-conv_form compressed", "-param_enc explicit"}) {
    EXPECT_THAT(
        ApproverKey::Parse(ApproverKeys::Must(
            {"sh", "-c",
             absl::StrCat("openssl ec -in ", p256, " -pubout ", form)})),
        IsNoKey("is of another kind"))
        << form;
  }
  for (const char* const kind :
       {"ed448", "X25519", "EC -pkeyopt ec_paramgen_curve:secp256k1",
        "EC -pkeyopt ec_paramgen_curve:P-521",
        "RSA-PSS -pkeyopt rsa_keygen_bits:2048"}) {
    EXPECT_THAT(ApproverKey::Parse(ApproverKeys::Must(
                    {"sh", "-c",
                     absl::StrCat("openssl genpkey -algorithm ", kind,
                                  " | openssl pkey -pubout")})),
                IsNoKey("is of another kind"))
        << kind;
  }
}

}  // namespace
}  // namespace bootseal::trust
