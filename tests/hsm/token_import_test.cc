// bootseal-token import.
#include <filesystem>
#include <string>
#include <vector>

#include "hsm/signer.h"
#include "tests/hsm/token_tool.h"

namespace bootseal::hsm {
namespace {

namespace fs = std::filesystem;

class TokenImport : public TokenToolTest {};

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
  };
  for (const KeyFile& file : files) {
    const std::string path = Private(file.algorithm, "");
    std::vector<std::string> command{"openssl", "genpkey", "-out", path};
    command.insert(command.end(), file.openssl.begin(), file.openssl.end());
    ASSERT_EQ(tests::Run(command).exit_code, 0);
    const KeyInfo key = softhsm_.ImportKey(file.algorithm, path);
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
  ExpectRefusal(
      Tool({"import", "--label", "a", Private("key.pem", "nonsense")}), 5,
      "FILE_CONTENT");
  ExpectRefusal(Tool({"import", "--label", "a", folder_.File("none.pem")}), 5,
                "FILE_NOT_FOUND");
  const std::string path = Private("p521.pem", "");
  ASSERT_EQ(tests::Run({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-521", "-out", path})
                .exit_code,
            0);
  ExpectRefusal(Tool({"import", "--label", "a", path}), 1, "KEY_TYPE");
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  ExpectRefusal(Tool({"import", "--label", "a", path}), 5, "FILE_MODE");
}

}  // namespace
}  // namespace bootseal::hsm
