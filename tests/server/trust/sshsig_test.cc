#include "server/trust/sshsig.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/trust/approver_key.h"
#include "server/trust/ssh_wire.h"
#include "tests/server/trust/approver_keys.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::AllOf;
using tests::ApproverKeys;
using tests::MessageHas;

constexpr char kMessage[] = "DSSEv1 4 type 4 body";

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

std::string LineOf(absl::string_view type, absl::string_view blob) {
  return absl::StrCat(type, " ", Base64(blob), " someone");
}

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

}  // namespace
}  // namespace bootseal::trust
