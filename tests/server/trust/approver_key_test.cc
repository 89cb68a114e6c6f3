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

// A signature of an Ed25519 key, for tests that change it.
class SshSignatureOf : public ::testing::Test {
 protected:
  absl::Status Verify(absl::string_view blob) {
    return key_->Verify(kMessage, blob);
  }
  SshSignature Signature() { return *ReadSshSignature(blob_); }

  ApproverKeys keys_;
  std::string path_ = keys_.MakeSsh("ed25519");
  std::string blob_ = keys_.SignSsh(path_, kMessage);
  absl::StatusOr<ApproverKey> key_ =
      ApproverKey::Parse(ApproverKeys::LineOf(path_));
};

TEST_F(SshSignatureOf, AKeyIsWrittenAsItWasRead) {
  EXPECT_EQ(WriteSshSignature(Signature()), blob_);
}

TEST_F(SshSignatureOf, AKeyIsRefusedWithAnyBitTurned) {
  ASSERT_OK(Verify(blob_));
  for (std::size_t bit = 0; bit < 8 * blob_.size(); ++bit) {
    std::string turned = blob_;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(Verify(turned).ok()) << "bit " << bit;
  }
}

TEST_F(SshSignatureOf, AKeyIsRefusedWhenItIsCut) {
  for (std::size_t size = 0; size < blob_.size(); ++size) {
    EXPECT_THAT(Verify(blob_.substr(0, size)), IsInvalid("ssh signature"))
        << size;
  }
}

TEST_F(SshSignatureOf, AnotherVersionIsRefused) {
  blob_[9] = '\x02';
  EXPECT_THAT(Verify(blob_), IsInvalid("is of version 2, expected 1"));
}

TEST_F(SshSignatureOf, AKeyWithSomethingReservedIsRefused) {
  const std::string reserved =
      SshString("bootseal.v1.approval") + SshString("");
  const std::size_t at = blob_.find(reserved);
  ASSERT_NE(at, std::string::npos);
  blob_.replace(at, reserved.size(),
                SshString("bootseal.v1.approval") + SshString("x"));
  EXPECT_THAT(Verify(blob_), IsInvalid("1 bytes in its reserved field"));
}

TEST_F(SshSignatureOf, AnotherHashIsRefused) {
  for (const char* const hash : {"sha1", "sha384", "md5", "", "SHA256"}) {
    SshSignature signature = Signature();
    signature.hash_algorithm = hash;
    EXPECT_THAT(Verify(WriteSshSignature(signature)),
                IsInvalid("hashes the message with"));
  }
}

TEST_F(SshSignatureOf, AnotherAlgorithmThanTheKeysIsRefused) {
  for (const char* const algorithm :
       {"rsa-sha2-256", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com"}) {
    SshSignature signature = Signature();
    signature.algorithm = algorithm;
    EXPECT_THAT(Verify(WriteSshSignature(signature)),
                IsInvalid("and the key is ssh-ed25519"));
  }
}

TEST_F(SshSignatureOf, AlgorithmsThatAreTakenFromNobodyAreRefused) {
  for (const char* const algorithm :
       {"ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp521", "",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"}) {
    SshSignature signature = Signature();
    signature.algorithm = algorithm;
    EXPECT_THAT(Verify(WriteSshSignature(signature)),
                IsInvalid("is of algorithm"));
  }
}

TEST_F(SshSignatureOf, MoreThanItsLimitIsNotRead) {
  EXPECT_THAT(
      ReadSshSignature(std::string(kMaxSshSignatureBytes + 1, 'S')),
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "SSHSIG_MALFORMED"));
}

// What ssh-keygen no longer makes: SHA-1 over the signed data, by openssl.
TEST(SshKeyOfRsa, TakesNoSha1) {
  ApproverKeys keys;
  const std::string path = keys.MakeSsh("rsa2048");
  const auto key = ApproverKey::Parse(ApproverKeys::LineOf(path));
  ASSERT_OK(key);
  SshSignature signature = *ReadSshSignature(keys.SignSsh(path, kMessage));
  ASSERT_EQ(signature.algorithm, "rsa-sha2-512");
  const std::string data = SshSignedData(signature, kMessage);
  ApproverKeys::Must(
      {"ssh-keygen", "-q", "-p", "-N", "", "-m", "PEM", "-f", path});
  const auto sign = [&](const std::string& hash) {
    return ApproverKeys::Must(
        {"openssl", "dgst", hash, "-sign", path, keys.File(data)});
  };
  signature.signature = sign("-sha512");
  EXPECT_OK(key->Verify(kMessage, WriteSshSignature(signature)));
  signature.signature = sign("-sha1");
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(signature)),
              IsInvalid("does not verify"));
  signature.algorithm = "ssh-rsa";
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(signature)),
              IsInvalid("is of algorithm \"ssh-rsa\""));
}

// Keys of FIDO tokens, whose part openssl plays; ssh-keygen agrees that what
// comes of it is a token's signature.
class TokenKey : public ::testing::TestWithParam<const char*> {
 protected:
  bool IsEcdsa() const { return std::string(GetParam()) == "p256"; }
  std::string Type() const {
    return IsEcdsa() ? "sk-ecdsa-sha2-nistp256@openssh.com"
                     : "sk-ssh-ed25519@openssh.com";
  }
  std::string PointOf(const std::string& path) {
    const std::string der = ApproverKeys::Must(
        {"openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"});
    return der.substr(der.size() - (IsEcdsa() ? 65 : 32));
  }
  std::string BlobWith(const std::string& application) {
    return absl::StrCat(SshString(Type()),
                        IsEcdsa() ? SshString("nistp256") : "",
                        SshString(PointOf(path_)), SshString(application));
  }
  std::string Sha256(const std::string& text) {
    return ApproverKeys::Must(
        {"openssl", "dgst", "-sha256", "-binary", keys_.File(text)});
  }
  // r and s of openssl's DER as two mpints: the values have the same form.
  std::string Mpints(const std::string& der) {
    std::string out;
    for (std::size_t at = 2; at + 2 < der.size();) {
      const auto size = static_cast<std::size_t>(der[at + 1]);
      out += SshString(der.substr(at + 2, size));
      at += 2 + size;
    }
    return out;
  }
  std::string Sign(std::uint8_t flags, const std::string& application) {
    SshSignature signature{BlobWith(application),
                           "bootseal.v1.approval",
                           "sha512",
                           Type(),
                           "",
                           flags,
                           7};
    const std::string data = absl::StrCat(
        Sha256(application), std::string(1, static_cast<char>(flags)),
        SshUint32(7), Sha256(SshSignedData(signature, kMessage)));
    const std::string raw = keys_.SignPem(path_, GetParam(), data);
    signature.signature = IsEcdsa() ? Mpints(raw) : raw;
    return WriteSshSignature(signature);
  }
  absl::StatusOr<ApproverKey> Key() {
    return ApproverKey::Parse(LineOf(Type(), BlobWith("ssh:")));
  }

  ApproverKeys keys_;
  std::string path_ = keys_.MakePem(GetParam());
};

TEST_P(TokenKey, ApprovesWhenSomebodyTouchedIt) {
  const auto key = Key();
  ASSERT_OK(key);
  EXPECT_EQ(key->Description(), absl::StrCat("ssh sk ", GetParam()));
  for (const std::uint8_t flags : {std::uint8_t{1}, std::uint8_t{5}}) {
    const std::string blob = Sign(flags, "ssh:");
    EXPECT_TRUE(keys_.SshKeygenAccepts(kMessage, blob));
    EXPECT_OK(key->Verify(kMessage, blob));
  }
}

TEST_P(TokenKey, DoesNotApproveUntouched) {
  const auto key = Key();
  ASSERT_OK(key);
  for (const std::uint8_t flags : {std::uint8_t{0}, std::uint8_t{4}}) {
    const std::string blob = Sign(flags, "ssh:");
    EXPECT_TRUE(keys_.SshKeygenAccepts(kMessage, blob));
    EXPECT_THAT(key->Verify(kMessage, blob), IsInvalid("without a touch"));
  }
}

TEST_P(TokenKey, DoesNotTakeAFlagOrACounterThatWasChanged) {
  const auto key = Key();
  ASSERT_OK(key);
  SshSignature signature = *ReadSshSignature(Sign(0x01, "ssh:"));
  signature.flags = 0x05;
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(signature)),
              IsInvalid("does not verify"));
  signature.flags = 0x01;
  signature.counter = 8;
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(signature)),
              IsInvalid("does not verify"));
  const std::string untouched = Sign(0x00, "ssh:");
  SshSignature forged = *ReadSshSignature(untouched);
  forged.flags = 0x01;
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(forged)),
              IsInvalid("does not verify"));
}

TEST_P(TokenKey, DoesNotTakeASignatureForAnotherApplication) {
  const auto key = Key();
  ASSERT_OK(key);
  SshSignature signature = *ReadSshSignature(Sign(0x01, "https://web.example"));
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(signature)),
              IsOfAnotherKey());
  signature.public_key = BlobWith("ssh:");
  EXPECT_THAT(key->Verify(kMessage, WriteSshSignature(signature)),
              IsInvalid("does not verify"));
}

TEST_P(TokenKey, IsTheSameKeyForEveryApplicationAndInPem) {
  const auto key = Key();
  const auto other = ApproverKey::Parse(LineOf(Type(), BlobWith("ssh:work")));
  const auto pem = ApproverKey::Parse(keys_.PemOf(path_));
  ASSERT_OK(key);
  ASSERT_OK(other);
  ASSERT_OK(pem);
  EXPECT_EQ(key->spki_sha256(), other->spki_sha256());
  EXPECT_EQ(key->spki_sha256(), pem->spki_sha256());
}

INSTANTIATE_TEST_SUITE_P(Kinds, TokenKey, ::testing::Values("ed25519", "p256"));

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
