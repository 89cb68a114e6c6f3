// -k FILE where the file names a key of the server.
#include "client/imgtool/server_key.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/server.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::imgtool {
namespace {

using testing::HasSubstr;
using tests::StatusIs;

class ServerKeyTest : public tests::SignTest {
 protected:
  absl::StatusOr<std::optional<ServerKey>> Find(const std::string& content) {
    Write("key", content);
    return FindServerKey(File("key"));
  }

  std::string PublicPem(const std::string& type) {
    MakeKey(type, "made.pem");
    return LoadKey("made.pem").PublicPem();
  }
};

TEST_F(ServerKeyTest, IsNamedOnTheCommandLine) {
  const auto key = FindServerKey("bootseal:nucleo-l552ze-q/tfm-s");
  ASSERT_OK(key);
  EXPECT_EQ((*key)->signer, "nucleo-l552ze-q/tfm-s");
  EXPECT_EQ((*key)->public_key, "");
}

TEST_F(ServerKeyTest, IsNamedByTheFirstLineOfAFile) {
  for (const char* content : {"bootseal:key/app", "bootseal:key/app\n",
                              "bootseal:key/app \r\n\r\n"}) {
    SCOPED_TRACE(content);
    const auto key = Find(content);
    ASSERT_OK(key);
    EXPECT_EQ((*key)->signer, "key/app");
    EXPECT_EQ((*key)->public_key, "");
  }
}

TEST_F(ServerKeyTest, IsHeldToThePublicKeyOfItsFile) {
  for (const char* type : {"rsa-2048", "ecdsa-p256", "ed25519"}) {
    SCOPED_TRACE(type);
    const auto key = Find(absl::StrCat("bootseal:app\n", PublicPem(type)));
    ASSERT_OK(key);
    EXPECT_EQ((*key)->signer, "app");
    EXPECT_EQ((*key)->public_key, LoadKey("made.pem").device_der());
  }
}

TEST_F(ServerKeyTest, IsNoPemFileNorOneThatIsMissing) {
  MakeKey("ed25519", "key.pem");
  for (const std::string& path :
       {File("key.pem"), File("payload.bin"), File("nothing"), File("."),
        std::string("bootseal"), std::string()}) {
    SCOPED_TRACE(path);
    const auto key = FindServerKey(path);
    ASSERT_OK(key);
    EXPECT_FALSE(key->has_value());
  }
}

// A shell's <(...) can be read once.
TEST_F(ServerKeyTest, IsNotLookedForInAPipe) {
  ASSERT_EQ(mkfifo(File("pipe").c_str(), 0600), 0);
  const auto key = FindServerKey(File("pipe"));
  ASSERT_OK(key);
  EXPECT_FALSE(key->has_value());
}

TEST_F(ServerKeyTest, WithoutATargetIsRefused) {
  for (const char* content : {"bootseal:", "bootseal:\n", "bootseal: \napp\n",
                              "bootseal:app and more\n", "bootseal:\x01\n"}) {
    SCOPED_TRACE(content);
    const auto key = Find(content);
    EXPECT_THAT(
        key, StatusIs(absl::StatusCode::kInvalidArgument, "KEY_FILE_SIGNER"));
    EXPECT_THAT(std::string(key.status().message()), HasSubstr(File("key")));
  }
}

TEST_F(ServerKeyTest, ThatDoesNotStartWithItsTargetIsRefusedAndSaysWhatDoes) {
  const std::string wide(
      "\xff\xfe"
      "b\0o\0o\0t\0s\0e\0a\0l\0:\0a\0",
      22);
  for (const auto& [content, what] :
       {std::pair<std::string, const char*>("\xef\xbb\xbf"
                                            "bootseal:app\n",
                                            "has a byte order mark before"),
        {wide, "has the byte order mark of UTF-16 before"},
        {"\nbootseal:app\n", "has blanks before"},
        {" \r\n\tbootseal:app\n", "has blanks before"}}) {
    SCOPED_TRACE(content);
    const auto key = Find(content);
    EXPECT_THAT(key,
                StatusIs(absl::StatusCode::kInvalidArgument, "KEY_FILE_START"));
    EXPECT_THAT(std::string(key.status().message()), HasSubstr(what));
  }
}

TEST_F(ServerKeyTest, IsNotSeenInAFileThatStartsWithAnythingElse) {
  for (const char* content : {"# bootseal:app\n", "\xef\xbb\xbf", "bootseal",
                              "\n\n\n", "a\nbootseal:app\n"}) {
    SCOPED_TRACE(content);
    const auto key = Find(content);
    ASSERT_OK(key);
    EXPECT_FALSE(key->has_value());
  }
}

TEST_F(ServerKeyTest, ThatCannotBeReadTwiceIsAskedForAsAFile) {
  const std::string pem = PublicPem("ecdsa-p256");
  for (const std::string& content :
       {absl::StrCat("bootseal:app\n", pem), std::string("bootseal:app\n")}) {
    SCOPED_TRACE(content);
    std::filesystem::remove(File("pipe"));
    ASSERT_EQ(mkfifo(File("pipe").c_str(), 0600), 0);
    std::thread writer(
        [&] { std::ofstream(File("pipe"), std::ios::binary) << content; });
    const absl::Status status = Sign({"-k", File("pipe")});
    writer.join();
    EXPECT_FALSE(status.ok()) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("cannot be a pipe"));
    EXPECT_FALSE(HasImage());
  }
}

TEST_F(ServerKeyTest, WithOtherContentIsRefusedAndShowsIt) {
  const std::string pem = PublicPem("ed25519");
  for (const std::string& content :
       {std::string("second line"), absl::StrCat("bootseal:other\n", pem),
        absl::StrCat(pem, "behind\n"), absl::StrCat(pem, pem)}) {
    SCOPED_TRACE(content);
    EXPECT_THAT(
        Find(absl::StrCat("bootseal:app\n", content)),
        StatusIs(absl::StatusCode::kInvalidArgument, "KEY_FILE_CONTENT"));
  }
  EXPECT_THAT(std::string(Find("bootseal:app\nx\ty").status().message()),
              HasSubstr("goes on with \"x\\ty\""));
}

TEST_F(ServerKeyTest, WithABrokenPublicKeyIsRefused) {
  std::string pem = PublicPem("ed25519");
  pem[40] = '!';
  for (const std::string& content :
       {pem, pem.substr(0, pem.size() / 2), std::string("-----BEGIN ")}) {
    SCOPED_TRACE(content);
    EXPECT_THAT(
        Find(absl::StrCat("bootseal:app\n", content)),
        StatusIs(absl::StatusCode::kInvalidArgument, "KEY_FILE_CONTENT"));
  }
}

TEST_F(ServerKeyTest, WithAPrivateKeyIsRefused) {
  MakeKey("ed25519", "key.pem");
  EXPECT_THAT(
      Find(absl::StrCat("bootseal:app\n", tests::Read(File("key.pem")))),
      StatusIs(absl::StatusCode::kInvalidArgument, "KEY_FILE_PRIVATE"));
}

TEST_F(ServerKeyTest, OfMoreThan64KiBIsRefused) {
  EXPECT_THAT(Find(absl::StrCat("bootseal:app\n", std::string(1 << 16, '\n'))),
              StatusIs(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE"));
}

TEST_F(ServerKeyTest, ReachesTheServerWithSignerAndPublicKey) {
  Write("key", absl::StrCat("bootseal:app\n", PublicPem("ed25519")));
  ServerOrder seen;
  Server server;
  server.sign = [&](const ServerOrder& order) {
    seen = order;
    return absl::OkStatus();
  };
  ASSERT_OK(imgtool::Run(
      {"sign", "-k", File("key"), "-v", "1", "in.bin", "out.bin"}, server));
  EXPECT_EQ(seen.signer, "app");
  EXPECT_EQ(seen.public_key, LoadKey("made.pem").device_der());
}

// What MCUboot's build runs to build the key into the bootloader.
TEST_F(ServerKeyTest, IsAPublicKeyForTheOtherCommands) {
  Write("key", absl::StrCat("bootseal:app\n", PublicPem("ecdsa-p256")));
  ASSERT_OK(
      imgtool::Run({"getpub", "-k", File("key"), "-o", File("from-key")}));
  ASSERT_OK(
      imgtool::Run({"getpub", "-k", File("made.pem"), "-o", File("from-pem")}));
  EXPECT_EQ(tests::Read(File("from-key")), tests::Read(File("from-pem")));
}

TEST_F(ServerKeyTest, WithoutPublicKeyIsAskedOfTheServer) {
  Write("key", "bootseal:key/app\n");
  MakeKey("ed25519", "made.pem");
  Server server;
  server.find_key =
      [this](const std::string& signer) -> absl::StatusOr<KeyOnServer> {
    if (signer != "key/app") return base::NotFound("UNKNOWN_TARGET", signer);
    return KeyOnServer{LoadKey("made.pem").PublicPem(), "", {}};
  };
  ASSERT_OK(imgtool::Run({"getpub", "-k", File("key"), "-o", File("from-key")},
                         server));
  ASSERT_OK(
      imgtool::Run({"getpub", "-k", File("made.pem"), "-o", File("from-pem")}));
  EXPECT_EQ(tests::Read(File("from-key")), tests::Read(File("from-pem")));
}

TEST_F(ServerKeyTest, WithoutPublicKeyAndServerIsRefused) {
  Write("key", "bootseal:app\n");
  EXPECT_THAT(imgtool::Run({"getpub", "-k", File("key")}),
              StatusIs(absl::StatusCode::kInvalidArgument, "SERVER_SIGNING"));
}

TEST_F(ServerKeyTest, HasNoPrivateHalfToPrint) {
  Write("key", "bootseal:app\n");
  EXPECT_THAT(imgtool::Run({"getpriv", "-k", File("key")}),
              StatusIs(absl::StatusCode::kInvalidArgument, "KEY_IN_HSM"));
}

}  // namespace
}  // namespace bootseal::imgtool
