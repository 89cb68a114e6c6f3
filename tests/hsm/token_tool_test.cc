// bootseal-token as a user runs it.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hsm/public_key.h"
#include "tests/hsm/token_tool.h"

namespace bootseal::hsm {
namespace {

using testing::HasSubstr;
using tests::Outcome;

namespace fs = std::filesystem;

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

TEST_F(TokenToolTest, InitialisesASecondToken) {
  const Outcome outcome = Init("second", "12345678\n");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(TokenToolTest, LeavesATokenOfThatLabelAlone) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  ExpectRefusal(Init("bootseal", "12345678\n"), 1, "TOKEN_EXISTS");
  EXPECT_EQ(Tool({"show", "--label", "app"}).exit_code, 0);
}

TEST_F(TokenToolTest, RefusesAPinThatTheTokenDoesNotTake) {
  ExpectRefusal(Init("second", "123\n"), 1, "PIN_LENGTH");
  ExpectRefusal(Init("second", ""), 5, "FILE_CONTENT");
  ExpectRefusal(Init("second", "1234\n5678\n"), 5, "FILE_CONTENT");
  // Nothing was touched: the label is still free.
  EXPECT_EQ(Init("second", "12345678").exit_code, 0);
}

TEST_F(TokenToolTest, SetsANewPinByTheSecurityOfficersAndKeysStay) {
  ASSERT_EQ(
      Tool({"generate", "--algorithm", "p256", "--label", "app"}).exit_code, 0);
  const auto set = [this](const std::string& token, const std::string& pin,
                          const std::string& so_pin_path) {
    return tests::Run(
        {BOOTSEAL_TOKEN_PROGRAM, "set-pin", "--token", token, "--pin-file",
         Private("new-pin", pin), "--so-pin-file", so_pin_path},
        softhsm_.environment());
  };
  const std::string so_pin = softhsm_.so_pin_path();
  ExpectRefusal(set("nobody", "87654321", so_pin), 1, "TOKEN_MISSING");
  ExpectRefusal(set("bootseal", "123", so_pin), 1, "PIN_LENGTH");
  ExpectRefusal(set("bootseal", "87654321", Private("wrong", "00000000")), 1,
                "PIN_INCORRECT");
  EXPECT_EQ(Tool({"list"}).exit_code, 0);
  ASSERT_EQ(set("bootseal", "87654321", so_pin).exit_code, 0);
  ExpectRefusal(Tool({"list"}), 1, "PIN_INCORRECT");
  const Outcome list = tests::Run({BOOTSEAL_TOKEN_PROGRAM, "list", "--pin-file",
                                   Private("new-pin", "87654321")},
                                  softhsm_.environment());
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, testing::StartsWith("app  p256"));
}

TEST_F(TokenToolTest, RefusesALabelOrIdThatIsTaken) {
  const std::vector<std::string> generate = {
      "generate", "--algorithm", "p256", "--label", "app", "--id", "01"};
  ASSERT_EQ(Tool(generate).exit_code, 0);
  ExpectRefusal(Tool(generate), 1, "KEY_EXISTS");
  ExpectRefusal(Tool({"generate", "--algorithm", "p256", "--label", "app"}), 1,
                "KEY_EXISTS");
  ExpectRefusal(Tool({"generate", "--algorithm", "p256", "--label", "other",
                      "--id", "01"}),
                1, "KEY_EXISTS");
}

TEST_F(TokenToolTest, RefusesAnAlgorithmOrIdThatIsNone) {
  ExpectRefusal(Tool({"generate", "--algorithm", "rsa4096", "--label", "a"}), 2,
                "UNKNOWN_ALGORITHM");
  for (const char* id : {"0", "xy", "::"}) {
    ExpectRefusal(
        Tool({"generate", "--algorithm", "p256", "--label", "a", "--id", id}),
        2, "KEY_ID");
  }
}

TEST_F(TokenToolTest, ListsKeysByLabel) {
  softhsm_.GenerateKey("b", Algorithm::kEd25519);
  softhsm_.GenerateKey("a", Algorithm::kP256);
  const Outcome outcome = Tool({"list"});
  EXPECT_EQ(outcome.exit_code, 0);
  const std::vector<std::string> lines = absl::StrSplit(outcome.out, '\n');
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], testing::StartsWith("a  p256"));
  EXPECT_THAT(lines[1], testing::StartsWith("b  ed25519"));
}

TEST_F(TokenToolTest, ListsNothingInAnEmptyTokenAsJson) {
  const Outcome outcome = Tool({"list", "--json"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\"keys\":[]"));
}

TEST_F(TokenToolTest, ShowsWhatTheTokenSays) {
  softhsm_.GenerateKey("app", Algorithm::kP384);
  const Outcome outcome = Tool({"show", "--label", "app"});
  EXPECT_THAT(outcome.out, HasSubstr("algorithm          p384"));
  EXPECT_THAT(outcome.out, HasSubstr("born in the token  yes"));
  EXPECT_THAT(outcome.out, HasSubstr("needs a login      yes"));
  EXPECT_THAT(outcome.out, HasSubstr("PIN each time      no"));
  EXPECT_THAT(outcome.out, HasSubstr("verdict            may serve"));
}

TEST_F(TokenToolTest, RefusesToShowAKeyThatIsMissingOrUnnamed) {
  ExpectRefusal(Tool({"show", "--label", "lost"}), 1, "KEY_MISSING");
  ExpectRefusal(Tool({"show"}), 2, "NO_KEY_NAMED");
}

TEST_F(TokenToolTest, ExportsTheDerThatTheDeviceComparesAndItsHash) {
  for (const char* name : {"p256", "p384", "rsa2048", "brainpoolP256t1"}) {
    const Algorithm algorithm = *ParseAlgorithm(name);
    const KeyInfo key = softhsm_.GenerateKey(name, algorithm);
    const std::string path = folder_.File(absl::StrCat(name, ".der"));
    ASSERT_EQ(
        Tool({"export-public", "--label", name, "--format", "der", "-o", path})
            .exit_code,
        0);
    EXPECT_EQ(Read(path), key.public_key);
    EXPECT_EQ(
        Tool({"export-public", "--label", name, "--format", "hash"}).out,
        absl::StrCat(absl::BytesToHexString(KeyHash(algorithm, key.public_key)),
                     "\n"));
  }
}

TEST_F(TokenToolTest, ExportsAPemThatOpenSslReads) {
  const KeyInfo key = softhsm_.GenerateKey("app", Algorithm::kP256);
  const std::string pem = folder_.File("app.pem");
  ASSERT_EQ(Tool({"export-public", "--label", "app", "--format", "pem",
                  "--output", pem})
                .exit_code,
            0);
  const Outcome read =
      tests::Run({"openssl", "pkey", "-pubin", "-in", pem, "-outform", "DER",
                  "-out", folder_.File("app.der")});
  ASSERT_EQ(read.exit_code, 0) << read.err;
  EXPECT_EQ(Read(folder_.File("app.der")), key.public_key);
}

TEST_F(TokenToolTest, MakesKeysOnBrainpoolsTwistedCurveAndNoOther) {
  const KeyInfo key = softhsm_.GenerateKey("a", Algorithm::kBrainpoolP256t1);
  EXPECT_TRUE(key.local);
  EXPECT_THAT(Tool({"list"}).out, HasSubstr("a  brainpoolP256t1  id "));
  const std::string pem = folder_.File("a.pem");
  ASSERT_EQ(
      Tool({"export-public", "--label", "a", "--format", "pem", "-o", pem})
          .exit_code,
      0);
  const Outcome read =
      tests::Run({"openssl", "pkey", "-pubin", "-in", pem, "-noout", "-text"});
  EXPECT_THAT(read.out, HasSubstr("ASN1 OID: brainpoolP256t1"));
  EXPECT_THAT(
      Tool({"export-public", "--label", "a", "--format", "c"}).out,
      testing::StartsWith("const unsigned char brainpoolp256t1_pub_key[] = {\n"
                          "    0x30, 0x5a,"));
  for (const char* other :
       {"brainpoolP256r1", "brainpoolP384t1", "brainpoolp256t1"}) {
    ExpectRefusal(Tool({"generate", "--algorithm", other, "--label", "other"}),
                  2, "UNKNOWN_ALGORITHM");
  }
}

TEST_F(TokenToolTest, ExportsAnArrayThatACompilerReads) {
  const KeyInfo key = softhsm_.GenerateKey("app", Algorithm::kP384);
  const Outcome array =
      Tool({"export-public", "--label", "app", "--format", "c"});
  ASSERT_EQ(array.exit_code, 0);
  EXPECT_THAT(
      array.out,
      testing::StartsWith(
          "const unsigned char ecdsap384_pub_key[] = {\n    0x30, 0x76,"));
  EXPECT_THAT(array.out,
              HasSubstr("const unsigned int ecdsap384_pub_key_len = 120;\n"));
  std::string bytes;
  for (const absl::string_view part : absl::StrSplit(array.out, "0x")) {
    bytes += absl::HexStringToBytes(part.substr(0, 2));
  }
  EXPECT_EQ(bytes.substr(1), key.public_key);
}

TEST_F(TokenToolTest, ExportsTheLogsVerifierKey) {
  const KeyInfo key = softhsm_.GenerateKey("log", Algorithm::kEd25519);
  const std::string raw =
      absl::StrCat("\x01", key.public_key.substr(key.public_key.size() - 32));
  const std::string id =
      Sha256(absl::StrCat("log.example\n", raw)).substr(0, 4);
  EXPECT_EQ(Tool({"export-public", "--label", "log", "--format", "vkey",
                  "--origin", "log.example"})
                .out,
            absl::StrCat("log.example+", absl::BytesToHexString(id), "+",
                         absl::Base64Escape(raw), "\n"));
}

TEST_F(TokenToolTest, RefusesAVerifierKeyWithoutOriginOrOfAnotherType) {
  softhsm_.GenerateKey("log", Algorithm::kEd25519);
  softhsm_.GenerateKey("app", Algorithm::kP256);
  ExpectRefusal(Tool({"export-public", "--label", "log", "--format", "vkey"}),
                2, "ORIGIN");
  ExpectRefusal(Tool({"export-public", "--label", "app", "--format", "vkey",
                      "--origin", "log.example"}),
                1, "KEY_TYPE");
}

TEST_F(TokenToolTest, LeavesNoFileWhereItCannotWriteOrFindTheKey) {
  softhsm_.GenerateKey("app", Algorithm::kP256);
  ExpectRefusal(Tool({"export-public", "--label", "app", "--format", "der",
                      "-o", folder_.File("no/such/folder")}),
                5, "FILE_UNWRITABLE");
  const std::string path = folder_.File("out");
  ExpectRefusal(
      Tool({"export-public", "--label", "lost", "--format", "der", "-o", path}),
      1, "KEY_MISSING");
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(TokenToolTest, RefusesAPinFileThatOthersMayRead) {
  fs::permissions(softhsm_.pin_path(), fs::perms::group_read,
                  fs::perm_options::add);
  ExpectRefusal(Tool({"list"}), 5, "FILE_MODE");
}

TEST_F(TokenToolTest, NamesAWrongPinAMissingTokenAndAMissingModule) {
  const auto list = [this](std::vector<std::string> more) {
    more.insert(more.begin(), {BOOTSEAL_TOKEN_PROGRAM, "list"});
    return tests::Run(more, softhsm_.environment());
  };
  ExpectRefusal(list({"--pin-file", Private("wrong", "wrong-pin\n")}), 1,
                "PIN_INCORRECT");
  const Outcome missing =
      list({"--pin-file", softhsm_.pin_path(), "--token", "lost"});
  ExpectRefusal(missing, 1, "TOKEN_MISSING");
  EXPECT_THAT(missing.err, HasSubstr("\"bootseal\""));
  ExpectRefusal(list({"--pin-file", softhsm_.pin_path(), "--module",
                      "/nowhere/module.so"}),
                1, "MODULE_MISSING");
}

TEST_F(TokenToolTest, TakesTheModuleFromTheEnvironment) {
  tests::Environment environment = softhsm_.environment();
  environment["BOOTSEAL_PKCS11_MODULE"] = "/nowhere/module.so";
  ExpectRefusal(tests::Run({BOOTSEAL_TOKEN_PROGRAM, "list", "--pin-file",
                            softhsm_.pin_path()},
                           environment),
                1, "MODULE_MISSING");
}

TEST_F(TokenToolTest, ExplainsItsUsage) {
  EXPECT_EQ(tests::Run({BOOTSEAL_TOKEN_PROGRAM}).exit_code, 2);
  EXPECT_EQ(tests::Run({BOOTSEAL_TOKEN_PROGRAM, "lst"}).exit_code, 2);
  EXPECT_EQ(tests::Run({BOOTSEAL_TOKEN_PROGRAM, "list"}).exit_code, 2);
  EXPECT_EQ(
      Tool({"export-public", "--label", "a", "--format", "xml"}).exit_code, 2);
  const Outcome help = tests::Run({BOOTSEAL_TOKEN_PROGRAM, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("export-public"));
}

}  // namespace
}  // namespace bootseal::hsm
