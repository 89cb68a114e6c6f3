// bootseal-token import.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/token.h"
#include "hsm/signer.h"
#include "tests/hsm/token_tool.h"

namespace bootseal::hsm {
namespace {

using testing::HasSubstr;
using tests::Outcome;

namespace fs = std::filesystem;

// The private half in RFC 6979 A.2.5, and the generator of P-256, which is the
// public half of another key.
constexpr char kRfc6979Scalar[] =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr char kGenerator[] =
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

// ECPrivateKey (RFC 5915) on P-256, in hex; without the public half.
std::string Sec1(const std::string& scalar) {
  return absl::StrCat("3031020101", "0420", scalar, "a00a06082a8648ce3d030107");
}

std::string Sec1With(const std::string& scalar, const std::string& point) {
  return absl::StrCat("3077020101", "0420", scalar, "a00a06082a8648ce3d030107",
                      "a144034200", point);
}

class TokenImport : public TokenToolTest {
 protected:
  // A PEM file with the key of `der`, in hex.
  std::string PemOf(const std::string& der) {
    const std::string path = Private("key.pem", "");
    EXPECT_EQ(tests::Run({"openssl", "pkey", "-inform", "DER", "-in",
                          Private("key.der", absl::HexStringToBytes(der)),
                          "-out", path})
                  .exit_code,
              0);
    return path;
  }

  Outcome Import(const std::string& path) {
    return Tool({"import", "--accept-imported", "--label", "a", path});
  }
};

struct KeyFile {
  const char* algorithm;
  std::vector<std::string> openssl;
};

TEST_F(TokenImport, ImportsKeysOfAllKinds) {
  const KeyFile files[] = {
      {"rsa2048", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}},
      {"p256", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}},
      {"p384", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}},
      {"ed25519", {"-algorithm", "ED25519"}},
      {"brainpoolP256t1",
       {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256t1"}},
  };
  for (const KeyFile& file : files) {
    const KeyInfo key =
        softhsm_.ImportKey(file.algorithm, MakePem(file.openssl));
    EXPECT_EQ(NameOf(key.algorithm), file.algorithm);
    EXPECT_FALSE(key.local);
    EXPECT_FALSE(key.extractable);
    EXPECT_TRUE(key.sensitive);
    // What the token signs with it verifies with the file's public half.
    TokenOptions options = softhsm_.Options();
    auto token = OpenToken(std::move(options));
    ASSERT_TRUE(token.ok()) << token.status();
    KeySpec spec;
    spec.name = file.algorithm;
    spec.uri = softhsm_.KeyUri(file.algorithm);
    spec.algorithm = key.algorithm;
    spec.purpose = Purpose::kCanary;
    spec.accept_imported = true;
    auto canary = CanarySigner::Open(*token, spec);
    ASSERT_TRUE(canary.ok()) << canary.status();
    EXPECT_TRUE((*canary)->Probe().ok());
  }
}

TEST_F(TokenImport, RefusesToImportWhatIsNoUsableKey) {
  ExpectRefusal(Import(Private("key.pem", "nonsense")), 5, "FILE_CONTENT");
  ExpectRefusal(Import(folder_.File("none.pem")), 5, "FILE_NOT_FOUND");
  const std::string path =
      MakePem({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"});
  ExpectRefusal(Import(path), 1, "KEY_TYPE");
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  ExpectRefusal(Import(path), 5, "FILE_MODE");
}

TEST_F(TokenImport, RefusesBrainpoolsRegularCurveByName) {
  const std::string pem = MakePem(
      {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"});
  const Outcome outcome = Import(pem);
  ExpectRefusal(outcome, 1, "KEY_TYPE");
  EXPECT_THAT(outcome.err, HasSubstr("brainpoolP256r1"));
  EXPECT_THAT(outcome.err, HasSubstr("the twisted brainpoolP256t1"));
  // Another tool puts it there all the same.
  const Outcome other =
      tests::Run({"softhsm2-util", "--import", pem, "--token", softhsm_.label(),
                  "--label", "a", "--id", "77", "--pin", softhsm_.pin()},
                 softhsm_.environment());
  ASSERT_EQ(other.exit_code, 0) << other.err;
  const Outcome shown = Tool({"show", "--label", "a"});
  ExpectRefusal(shown, 1, "KEY_TYPE");
  EXPECT_THAT(shown.err, HasSubstr("brainpoolP256r1"));
}

TEST_F(TokenImport, RefusesAKeyThatEverybodyHas) {
  const Outcome outcome = Import(PemOf(Sec1(kRfc6979Scalar)));
  ExpectRefusal(outcome, 1, "KEY_PUBLICLY_KNOWN");
  EXPECT_THAT(outcome.err, HasSubstr("RFC 6979 A.2.5"));
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(TokenImport, RefusesHalvesOfTwoKeys) {
  ExpectRefusal(Import(PemOf(Sec1With(kRfc6979Scalar, kGenerator))), 5,
                "FILE_CONTENT");
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(TokenImport, SaysOfAKeyThatEverybodyHasThatItMayNotServe) {
  // Our own tool refuses it; another tool does not.
  const Outcome other = tests::Run(
      {"softhsm2-util", "--import", PemOf(Sec1(kRfc6979Scalar)), "--token",
       softhsm_.label(), "--label", "a", "--id", "77", "--pin", softhsm_.pin()},
      softhsm_.environment());
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_THAT(Tool({"list"}).out, HasSubstr("id 77  KEY_PUBLICLY_KNOWN\n"));
  EXPECT_THAT(Tool({"show", "--label", "a"}).out,
              HasSubstr("verdict            KEY_PUBLICLY_KNOWN\n"));
  EXPECT_THAT(Tool({"list", "--json"}).out,
              HasSubstr("\"verdict\":\"KEY_PUBLICLY_KNOWN\""));
}

TEST_F(TokenImport, SaysWhichHalfOfAPairIsInItsWay) {
  softhsm_.GenerateKey("a", Algorithm::kP256);
  const std::string pem = MakePem({"-algorithm", "ED25519"});
  EXPECT_THAT(Import(pem).err, HasSubstr("has a private key \"a\" already"));
  auto token = OpenToken(softhsm_.Options());
  ASSERT_TRUE(token.ok()) << token.status();
  const absl::Status destroyed =
      (*token)->Change([](const pkcs11::Session& session) {
        const auto key = pkcs11::FindKey(session, {"a", {}});
        if (!key.ok()) return key.status();
        session.functions->C_DestroyObject(session.handle, key->handle);
        return absl::OkStatus();
      });
  ASSERT_TRUE(destroyed.ok()) << destroyed;
  token->reset();
  const Outcome outcome = Import(pem);
  ExpectRefusal(outcome, 1, "KEY_EXISTS");
  EXPECT_THAT(outcome.err, HasSubstr("has a public key \"a\" already"));
}

TEST_F(TokenImport, SaysWhatTheRiskIsAndImportsNothingUntilItIsAccepted) {
  const std::string pem = MakePem({"-algorithm", "ED25519"});
  const Outcome outcome = Tool({"import", "--label", "a", pem});
  ExpectRefusal(outcome, 1, "IMPORT_NOT_ACCEPTED");
  EXPECT_THAT(outcome.err, HasSubstr("a copy may still be"));
  EXPECT_THAT(outcome.err, HasSubstr("CKA_LOCAL"));
  EXPECT_THAT(outcome.err, HasSubstr("--accept-imported"));
  EXPECT_EQ(Tool({"list"}).out, "");
}

TEST_F(TokenImport, TellsTheHashThatDevicesHaveAndThePinOfThePolicy) {
  const std::string pem =
      MakePem({"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  // What a bootloader was given, by OpenSSL alone.
  const Outcome fused =
      tests::Run({"sh", "-c",
                  "openssl pkey -in \"$0\" -pubout -outform DER | sha256sum | "
                  "cut -c1-64 | tr -d '\\n'",
                  pem});
  ASSERT_EQ(fused.out.size(), 64U) << fused.err;
  const Outcome outcome = Import(pem);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("public key hash " + fused.out));
  EXPECT_THAT(outcome.out, HasSubstr("public_key_sha256: \"" + fused.out +
                                     "\" accept_imported: true }"));
  EXPECT_THAT(outcome.out, HasSubstr("destroy " + pem));
}

TEST_F(TokenImport, OpensAnEncryptedFileWithItsPassphraseAlone) {
  const std::string plain = MakePem({"-algorithm", "ED25519"});
  const std::string pem = Private("locked.pem", "");
  ASSERT_EQ(tests::Run({"openssl", "pkey", "-in", plain, "-aes256", "-passout",
                        "pass:open sesame", "-out", pem})
                .exit_code,
            0);
  const Outcome without = Import(pem);
  ExpectRefusal(without, 5, "FILE_CONTENT");
  EXPECT_THAT(without.err, HasSubstr("--passphrase-file"));
  const auto with = [&](const std::string& passphrase) {
    return Tool({"import", "--accept-imported", "--label", "a",
                 "--passphrase-file", Private("passphrase", passphrase), pem});
  };
  const Outcome wrong = with("open barley");
  ExpectRefusal(wrong, 5, "FILE_CONTENT");
  EXPECT_EQ(wrong.err.find("barley"), std::string::npos);
  EXPECT_EQ(Tool({"list"}).out, "");
  EXPECT_EQ(with("open sesame\n").exit_code, 0);
  EXPECT_THAT(Tool({"list"}).out, HasSubstr("KEY_IMPORTED"));
}

}  // namespace
}  // namespace bootseal::hsm
