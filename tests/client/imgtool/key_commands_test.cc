// imgtool's commands for keys, as a shell runs them.
#include "client/imgtool/key_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "client/imgtool/key.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::imgtool {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using tests::Outcome;

constexpr char kVectors[] = BOOTSEAL_SOURCE_DIR "/tests/vectors/";

std::string Read(const std::string& path) {
  const absl::StatusOr<std::string> text = base::ReadFile(path, 1 << 20);
  EXPECT_OK(text);
  return text.value_or("");
}

std::string PublicPem(absl::string_view name) {
  return absl::StrCat(kVectors, "mcuboot/", name, ".pub.pem");
}

// Without the first line, which is a comment and our own.
std::string Code(const std::string& text) {
  return text.substr(text.find('\n') + 1);
}

// The bytes of a C or Rust array.
std::string ArrayBytes(const std::string& text) {
  std::string bytes;
  const std::size_t begin = text.find('{');
  for (std::size_t at = text.find("0x", begin); at != std::string::npos;
       at = text.find("0x", at + 4)) {
    bytes += absl::HexStringToBytes(text.substr(at + 2, 2));
  }
  return bytes;
}

class KeyCommands : public testing::Test {
 protected:
  static Outcome Imgtool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BOOTSEAL_KEY_PROGRAM);
    return tests::Run(arguments);
  }
  // In a session without a terminal, with text on standard input.
  static Outcome Typing(const std::string& text,
                        const std::vector<std::string>& arguments) {
    const std::string command =
        absl::StrCat("printf '", text, "' | ", BOOTSEAL_KEY_PROGRAM, " ",
                     absl::StrJoin(arguments, " "));
    return tests::Run({"setsid", "--wait", "sh", "-c", command});
  }
  std::string Make(const std::string& type) {
    const std::string path = folder_.File(type + ".pem");
    const Outcome made = Imgtool({"keygen", "-k", path, "-t", type});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return path;
  }
  std::string File(const std::string& name) { return folder_.File(name); }
  // Within half a minute.
  bool LogSays(const std::string& text) {
    for (int i = 0; i < 600; ++i) {
      const auto log = base::ReadFile(File("log"), 1 << 20);
      if (log.ok() && absl::StrContains(*log, text)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(KeyCommands, KeygenMakesEveryKindForItsOwnerOnly) {
  for (const KeyTraits& traits : kKeyKinds) {
    const std::string path = Make(traits.name);
    const auto key = Key::Load(path, {});
    ASSERT_OK(key);
    EXPECT_EQ(key->kind(), traits.kind);
    EXPECT_TRUE(key->is_private());
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
}

TEST_F(KeyCommands, KeygenNeverOverwritesUnlessToldTo) {
  const std::string path = Make("ed25519");
  const std::string first = Read(path);
  const Outcome again = Imgtool({"keygen", "-k", path, "-t", "ed25519"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  // Told before it is asked.
  EXPECT_THAT(Typing("", {"keygen", "-p", "-k", path}).err,
              HasSubstr("--force"));
  EXPECT_EQ(Read(path), first);
  for (const char* flag : {"--force", "--imgtool-compatible"}) {
    const std::string before = Read(path);
    EXPECT_EQ(Imgtool({"keygen", "-k", path, "-t", "ed25519", flag}).exit_code,
              0);
    EXPECT_NE(Read(path), before) << flag;
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << flag;
  }
}

TEST_F(KeyCommands, KeygenLeavesNoFileBehindWhenItFails) {
  const std::string path = File("key.pem");
  EXPECT_EQ(Imgtool({"keygen", "-k", path, "-t", "rsa-4096"}).exit_code, 2);
  EXPECT_EQ(Imgtool({"keygen", "-k", path}).exit_code, 1);
  EXPECT_EQ(Typing("nonsense\\n", {"keygen", "-k", path}).exit_code, 2);
  EXPECT_EQ(Typing("", {"keygen", "-p", "-t", "ed25519", "-k", path}).exit_code,
            1);
  EXPECT_EQ(
      Typing("\\n\\n", {"keygen", "-p", "-t", "ed25519", "-k", path}).exit_code,
      1);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  EXPECT_EQ(Imgtool({"keygen", "-k", File("none/key.pem"), "-t", "ed25519"})
                .exit_code,
            1);
  EXPECT_EQ(Imgtool({"keygen", "-t", "ed25519"}).exit_code, 2);
}

TEST_F(KeyCommands, KeygenAsksForTheKindThatIsMissing) {
  const std::string path = File("asked.pem");
  const Outcome made = Typing("ecdsa-p256\\n", {"keygen", "-k", path});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("ecdsa-p384"));
  EXPECT_EQ(Key::Load(path, {})->kind(), KeyKind::kP256);
}

TEST_F(KeyCommands, KeygenNamesTheHsmInItsHelp) {
  EXPECT_THAT(Imgtool({"keygen", "--help"}).out, HasSubstr("bootseal-token"));
}

TEST_F(KeyCommands, KeygenEncryptsUnderAPassphraseThatIsTypedTwice) {
  const std::string path = File("locked.pem");
  const Outcome made = Typing("one\\ntwo\\nsame\\nsame\\n",
                              {"keygen", "-p", "-t", "ed25519", "-k", path});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(Read(path), StartsWith("-----BEGIN ENCRYPTED PRIVATE "));
  const Outcome opened = Typing("same\\n", {"getpub", "-e", "pem", "-k", path});
  EXPECT_EQ(opened.exit_code, 0) << opened.err;
  EXPECT_THAT(opened.out, HasSubstr("-----BEGIN PUBLIC KEY-----"));
  for (const char* wrong : {"other\\n", "\\n", ""}) {
    const Outcome refused = Typing(wrong, {"getpub", "-k", path});
    EXPECT_EQ(refused.exit_code, 1) << wrong;
    EXPECT_THAT(refused.out, IsEmpty());
  }
}

// Whoever gives up at the prompt finds no empty file later.
TEST_F(KeyCommands, KeygenTakesNoNameBeforeItHasThePassphrase) {
  const std::string path = File("asked.pem");
  const std::string fifo = File("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  tests::Background keygen(
      {"setsid", "--wait", "sh", "-c",
       absl::StrCat("cat ", fifo, " | ", BOOTSEAL_KEY_PROGRAM,
                    " keygen -p -t ed25519 -k ", path)},
      {}, File("log"));
  {
    std::ofstream typing(fifo);
    typing << "same" << std::endl;
    EXPECT_TRUE(LogSays("Reenter"));
    EXPECT_NE(access(path.c_str(), F_OK), 0);
  }
  EXPECT_EQ(keygen.Wait(std::chrono::seconds(30)), 1);
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST_F(KeyCommands, GetpubPrintsTheTextOfTheReference) {
  for (const char* name : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
    const std::string golden = absl::StrCat(kVectors, "imgtool/keys/", name);
    const std::string c = Code(Read(golden + ".c"));
    EXPECT_EQ(Code(Imgtool({"getpub", "-k", PublicPem(name)}).out), c);
    EXPECT_EQ(Code(Imgtool({"getpub", "-k", PublicPem(name), "-l", "c"}).out),
              c);
    EXPECT_EQ(Code(Imgtool({"getpub", "-k", PublicPem(name), "-e", "lang-rust",
                            "--name-suffix", "_a1"})
                       .out),
              Code(Read(golden + "-a1.rs")));
    EXPECT_EQ(Imgtool({"getpub", "-k", PublicPem(name), "-e", "pem"}).out,
              Read(PublicPem(name)));
  }
}

TEST_F(KeyCommands, GetpubWritesRawDerToAFile) {
  const std::string path = File("key.der");
  EXPECT_EQ(
      Imgtool({"getpub", "-k", PublicPem("p256"), "-e", "raw", "-o", path})
          .exit_code,
      0);
  EXPECT_EQ(Read(path), Read(absl::StrCat(kVectors, "mcuboot/p256.pub.der")));
}

TEST_F(KeyCommands, GetpubTakesAPrivateKeyToo) {
  const std::string path = Make("x25519");
  const Outcome printed = Imgtool({"getpub", "-k", path});
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_THAT(printed.out,
              HasSubstr("const unsigned char x25519_pub_key[] = {"));
  EXPECT_THAT(printed.out,
              HasSubstr("const unsigned int x25519_pub_key_len = 44;"));
  EXPECT_EQ(ArrayBytes(printed.out), Key::Load(path, {})->device_der());
}

TEST_F(KeyCommands, GetpubRefusesOptionsThatContradictEachOther) {
  const std::string pem = PublicPem("p256");
  const std::vector<std::string> kCases[] = {
      {"-e", "lang-c", "-l", "c"},
      {"-e", "pem", "--name-suffix", "_2"},
      {"-e", "raw", "--name-suffix", "_2"},
      {"-e", "der"},
      {"-l", "go"},
      {"--name-suffix", "-2"},
      {"--name-suffix", "a b"},
      {"-o", ""},
      {"extra"},
  };
  for (const std::vector<std::string>& options : kCases) {
    std::vector<std::string> arguments{"getpub", "-k", pem};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome refused = Imgtool(arguments);
    EXPECT_EQ(refused.exit_code, 2) << absl::StrJoin(options, " ");
    EXPECT_THAT(refused.out, IsEmpty());
  }
}

TEST_F(KeyCommands, FailWithOneForAFileThatHoldsNoKey) {
  const std::string text = File("text.pem");
  ASSERT_OK(base::WriteFileAtomically(text, "hello\n"));
  for (const char* command : {"getpub", "getpubhash", "getpriv", "keyinfo"}) {
    EXPECT_EQ(Imgtool({command, "-k", File("none.pem")}).exit_code, 1);
    const Outcome refused = Imgtool({command, "-k", text});
    EXPECT_EQ(refused.exit_code, 1) << command;
    EXPECT_THAT(refused.err, HasSubstr(text));
    EXPECT_EQ(Imgtool({command}).exit_code, 2);
    EXPECT_EQ(Imgtool({command, "-k", ""}).exit_code, 2);
  }
}

TEST_F(KeyCommands, GetpubhashPrintsWhatTheDeviceCompares) {
  for (const char* name : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
    const Outcome printed =
        Imgtool({"getpubhash", "-k", PublicPem(name), "-e", "raw"});
    const Key key = *Key::Load(PublicPem(name), {});
    EXPECT_EQ(printed.out, key.Hash(key.traits().hash)) << name;
    EXPECT_EQ(printed.out.size(), std::string(name) == "p384" ? 48 : 32);
  }
}

TEST_F(KeyCommands, GetpubhashPrintsTheReferencesHashWhenToldTo) {
  for (const char* name : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
    const std::string golden =
        absl::StrCat(kVectors, "imgtool/keys/", name, "-hash-2.c");
    EXPECT_EQ(Code(Imgtool({"getpubhash", "-k", PublicPem(name),
                            "--name-suffix", "_2", "--imgtool-compatible"})
                       .out),
              Code(Read(golden)));
  }
  EXPECT_THAT(Imgtool({"getpubhash", "-k", PublicPem("p384")}).out,
              HasSubstr("const unsigned int ecdsap384_pub_key_hash_len = 48;"));
}

TEST_F(KeyCommands, GetpubhashTakesTheHashOfPureImages) {
  EXPECT_EQ(
      Imgtool({"getpubhash", "-k", PublicPem("ed25519"), "--sha", "512", "-e",
               "raw"})
          .out,
      Key::Load(PublicPem("ed25519"), {})->Hash(image::HashAlgorithm::kSha512));
}

TEST_F(KeyCommands, GetpubhashRefusesOptionsThatContradictEachOther) {
  const std::vector<std::string> kCases[] = {
      {"-e", "raw", "--name-suffix", "_2"},
      {"-e", "pem"},
      {"--sha", "1"},
      {"--sha", "384", "--imgtool-compatible"},
      {"--name-suffix", "ä"},
  };
  for (const std::vector<std::string>& options : kCases) {
    std::vector<std::string> arguments{"getpubhash", "-k", PublicPem("p384")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    EXPECT_EQ(Imgtool(arguments).exit_code, 2) << absl::StrJoin(options, " ");
  }
}

TEST_F(KeyCommands, GetprivPrintsAKeyThatDecrypts) {
  const Outcome whole = Imgtool({"getpriv", "-k", Make("ecdsa-p256")});
  EXPECT_EQ(whole.exit_code, 0);
  EXPECT_THAT(whole.err, IsEmpty());
  EXPECT_THAT(whole.out, HasSubstr("const unsigned char enc_priv_key[] = {"));
  EXPECT_THAT(whole.out,
              HasSubstr("const unsigned int enc_priv_key_len = 138"));
  EXPECT_EQ(ArrayBytes(whole.out).size(), 138);
  const Outcome minimal = Imgtool(
      {"getpriv", "-k", File("ecdsa-p256.pem"), "--minimal", "-f", "openssl"});
  EXPECT_THAT(minimal.out,
              HasSubstr("const unsigned int enc_priv_key_len = 51;"));
}

TEST_F(KeyCommands, GetprivRefusesWhatNoBootloaderReads) {
  const std::vector<std::string> kCases[] = {
      {Make("ed25519")},
      {Make("rsa-2048"), "-f", "pkcs8"},
      {Make("x25519"), "-f", "openssl"},
      {Make("ecdsa-p384"), "--minimal"},
      {File("x25519.pem"), "-f", "der"},
      {PublicPem("p256")},
  };
  for (const std::vector<std::string>& options : kCases) {
    std::vector<std::string> arguments{"getpriv", "-k"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome refused = Imgtool(arguments);
    EXPECT_EQ(refused.exit_code, 2) << absl::StrJoin(options, " ");
    EXPECT_THAT(refused.out, IsEmpty());
  }
}

TEST_F(KeyCommands, GetprivWarnsOfAKeyThatNoBootloaderDecryptsWith) {
  const Outcome printed = Imgtool({"getpriv", "-k", Make("ecdsa-p384")});
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_THAT(printed.err, HasSubstr("ecdsa-p384"));
}

TEST_F(KeyCommands, KeyinfoTellsPrivateFromPublic) {
  const std::string pem = Make("ed25519");
  EXPECT_EQ(Imgtool({"keyinfo", "-k", pem}).out, "private\n");
  EXPECT_EQ(Imgtool({"keyinfo", "-k", PublicPem("p256")}).out, "public\n");
  EXPECT_EQ(Imgtool({"keyinfo", "-k", pem, "--require", "private"}).exit_code,
            0);
  const Outcome refused =
      Imgtool({"keyinfo", "-k", PublicPem("p256"), "--require", "private"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "public\n");
  EXPECT_EQ(Imgtool({"keyinfo", "-k", pem, "--require", "public"}).exit_code,
            2);
  EXPECT_EQ(Imgtool({"keyinfo", "-k", pem, "--require", "both"}).exit_code, 2);
}

TEST_F(KeyCommands, KeyinfoNeverAsksForAPassphrase) {
  const std::string path = File("locked.pem");
  ASSERT_EQ(
      Typing("same\\nsame\\n", {"keygen", "-p", "-t", "ed25519", "-k", path})
          .exit_code,
      0);
  const Outcome refused = Typing("same\\n", {"keyinfo", "-k", path});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.out, Not(HasSubstr("private")));
}

}  // namespace
}  // namespace bootseal::imgtool
