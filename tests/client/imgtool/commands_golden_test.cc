// Whole command lines of every command, as imgtool 2.4.0 answered them, those
// of "old-" files as 1.7.2 did; and that each option of ours has such a file.
#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <array>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/imgtool/decryption.h"
#include "client/imgtool/dumpinfo.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/sign.h"
#include "client/imgtool/verify.h"
#include "tests/client/imgtool/golden.h"
#include "tests/client/imgtool/sign_fixture.h"
#include "tests/support/printed_keys.h"

namespace bootseal::tests {
namespace {

class CommandGolden : public SignTest,
                      public testing::WithParamInterface<std::string> {
 protected:
  CommandGolden() : golden_(FolderOf("commands") + GetParam()) {
    for (const PrintedKey& key : kPrintedKeys) {
      const std::string path = absl::StrCat(key.name, ".pem");
      Write(path, PemOf(key.base64));
      Write(absl::StrCat(key.name, ".pub.pem"), LoadKey(path).PublicPem());
    }
    for (const char* key : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
      const std::string name = absl::StrCat(key, ".pub.pem");
      Write(name, Read(absl::StrCat(kVectors, "mcuboot/", name)));
    }
    Write("odd.sig", "no base64! AAECAw==\n");
    Write("in.sig", Read(FolderOf("commands") + "sign-sig-out.sig"));
    Write("signed.bin", Read(FolderOf("commands") + "sign-key.bin"));
  }

  // The words behind "imgtool", with files in our folder.
  Words CommandOf(const std::string& text) const {
    Words words = SplitCommand(text);
    words.erase(words.begin());
    for (std::string& word : words) {
      for (const char* end : {".bin", ".hex", ".pem", ".sig"}) {
        if (absl::EndsWith(word, end)) word = File(word);
      }
    }
    return words;
  }
  // Whether the files that were written are imgtool's.
  bool AnswersAlike() const {
    for (const char* end : {".bin", ".hex"}) {
      const std::string ours = File(absl::StrCat("out", end));
      if (Exists(end) && std::filesystem::exists(ours) &&
          Read(ours) == Read(golden_ + end)) {
        return true;
      }
    }
    return false;
  }
  bool Exists(const std::string& extension) const {
    return std::filesystem::exists(golden_ + extension);
  }

  std::string golden_;
};

// A comment, as imgtool's first line is one, says who made it.
std::string WithoutComment(const std::string& text) {
  const bool is_source =
      absl::StartsWith(text, "/*") || absl::StartsWith(text, "//");
  return is_source ? text.substr(text.find('\n') + 1) : text;
}

// As the device sees it.
std::string Decrypted(const std::string& image, const std::string& key_path) {
  const auto device = imgtool::DeviceKey::Load(
      key_path, [] { return absl::InternalError("no passphrase"); });
  EXPECT_OK(device);
  const auto plain = imgtool::DecryptImage(image, *device);
  EXPECT_OK(plain);
  return plain.value_or("");
}

// All but the value of the content key's TLV.
std::string Fixed(const std::string& image) {
  const image::mcuboot::Reading reading = ReadingOf(image);
  std::string text =
      image.substr(0, image::mcuboot::SignedSize(reading.facts.header));
  for (const image::mcuboot::Tlv& tlv :
       image::mcuboot::Tlvs(reading.facts.unprotected_area)) {
    const bool random = tlv.type >= 0x30 && tlv.type < 0x40;
    absl::StrAppend(&text, tlv.type, ":", tlv.value.size(), ":",
                    random ? "" : image::host::ToString(tlv.value));
  }
  return absl::BytesToHexString(text);
}

std::string WithUnixLines(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\r\n", "\n"}});
}

TEST_P(CommandGolden, IsAnsweredAsImgtoolDid) {
  auto notes = Notes(golden_ + ".txt");
  Words command = CommandOf(notes["command"]);
  const bool asks = absl::StrContains(notes["command"], "keygen -p");
  if (asks) GTEST_SKIP() << "random; opened by the next test";
  const bool is_fault = absl::StartsWith(GetParam(), "fault-");
  if (is_fault) {
    EXPECT_FALSE(imgtool::Run(command).ok() && AnswersAlike())
        << "no fault of imgtool's";
    command.emplace_back("--imgtool-compatible");
  }
  testing::internal::CaptureStdout();
  const absl::Status status = imgtool::Run(command);
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_EQ(absl::StrCat(imgtool::ExitStatusOf(status)), notes["exit"])
      << status;
  if (Exists(".out")) {
    EXPECT_EQ(WithoutComment(out), WithoutComment(Read(golden_ + ".out")));
  }
  if (Exists(".sig")) {
    EXPECT_EQ(Read(File("out.sig")), Read(golden_ + ".sig"));
  }
  if (Exists(".hex")) {
    EXPECT_EQ(Read(File("out.hex")), WithUnixLines(Read(golden_ + ".hex")));
  }
  if (!Exists(".bin")) return;
  const std::string golden = Read(golden_ + ".bin");
  const std::string ours = Read(File("out.bin"));
  if (!absl::StartsWith(GetParam(), "encrypt-")) {
    EXPECT_EQ(absl::BytesToHexString(ours), absl::BytesToHexString(golden));
    return;
  }
  const std::string device = File(
      absl::StrContains(GetParam(), "p256") ? "rfc6979.pem" : "rfc7748.pem");
  const std::string mine = Decrypted(ours, device);
  const std::string theirs = Decrypted(golden, device);
  if (GetParam() == "encrypt-clear") {
    EXPECT_EQ(Fixed(ours), Fixed(golden));
  } else {
    EXPECT_EQ(Fixed(mine), Fixed(theirs));
  }
}

INSTANTIATE_TEST_SUITE_P(Imgtool, CommandGolden,
                         testing::ValuesIn(NamesIn("commands")), NameOfTest);

using ForeignKeyTest = SignTest;

TEST_F(ForeignKeyTest, OfKeygenOpensWithItsPassphrase) {
  std::string body = Read(FolderOf("commands") + "keygen-password.bin");
  const std::string pem =
      absl::StrCat("-----BEGIN", " ENCRYPTED PRIVATE ", "KEY-----\n", body,
                   "-----END", " ENCRYPTED PRIVATE ", "KEY-----\n");
  const auto says = [](const char* passphrase) {
    return [passphrase]() -> absl::StatusOr<base::Secret> {
      return base::Secret(std::string(passphrase));
    };
  };
  const auto key = imgtool::Key::Parse(pem, says("pass phrase"));
  ASSERT_OK(key);
  EXPECT_EQ(key->kind(), imgtool::KeyKind::kP256);
  EXPECT_FALSE(imgtool::Key::Parse(pem, says("pass  phrase")).ok());
}

struct Command {
  const char* name;
  imgtool::Action (*declare)(CLI::App& app, const imgtool::Server& server);
};

template <imgtool::Action (*kDeclare)(CLI::App&)>
imgtool::Action Local(CLI::App& app, const imgtool::Server&) {
  return kDeclare(app);
}

constexpr std::array<Command, 8> kCommands{{
    {"sign", imgtool::DeclareSign},
    {"verify", imgtool::DeclareVerify},
    {"dumpinfo", Local<imgtool::DeclareDumpinfo>},
    {"keygen", Local<imgtool::DeclareKeygen>},
    {"getpub", imgtool::DeclareGetpub},
    {"getpubhash", imgtool::DeclareGetpubhash},
    {"getpriv", Local<imgtool::DeclareGetpriv>},
    {"keyinfo", imgtool::DeclareKeyinfo},
}};

// "sign --slot-size" and its short name, of every option of every command.
std::map<std::string, std::string> AllOptions() {
  std::map<std::string, std::string> options;
  const imgtool::Server server;
  for (const Command& command : kCommands) {
    CLI::App app;
    const imgtool::Action action = command.declare(app, server);
    for (const CLI::Option* const option : app.get_options()) {
      if (option->get_positional() || option == app.get_help_ptr()) continue;
      const auto& shorts = option->get_snames();
      options[absl::StrCat(command.name, " --", option->get_lnames().front())] =
          shorts.empty() ? "" : "-" + shorts.front();
    }
  }
  return options;
}

// Lines "COMMAND --OPTION FILE", or "COMMAND --OPTION ours".
std::map<std::string, std::string> Manifest() {
  std::map<std::string, std::string> rows;
  for (absl::string_view line :
       absl::StrSplit(Read(absl::StrCat(kVectors, "imgtool/options.txt")), '\n',
                      absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    const std::vector<std::string> fields =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    EXPECT_EQ(fields.size(), 3u) << line;
    if (fields.size() == 3) rows[fields[0] + " " + fields[1]] = fields[2];
  }
  return rows;
}

bool IsSpelledIn(const Words& command, const std::string& option,
                 const std::string& short_name) {
  const std::string name = option.substr(option.find(' ') + 1);
  const std::string verb = option.substr(0, option.find(' '));
  if (command.size() < 2) return false;
  if (command[1] != verb && !(verb == "sign" && command[1] == "create")) {
    return false;
  }
  for (const std::string& word : command) {
    if (word == name || absl::StartsWith(word, name + "=")) return true;
    if (!short_name.empty() && word == short_name) return true;
  }
  return false;
}

// What only we have: imgtool cannot have answered it.
const std::set<std::string>& OnlyOurs() {
  static const auto* ours = new std::set<std::string>{
      "sign --strategy",      "sign --sector-size",
      "sign --unsigned",      "sign --imgtool-compatible",
      "verify --decrypt-key", "verify --imgtool-compatible",
      "keygen --force",       "keygen --imgtool-compatible",
      "getpubhash --sha",     "getpubhash --imgtool-compatible"};
  return *ours;
}

TEST(Options, HaveAGoldenFileEach) {
  auto manifest = Manifest();
  for (const auto& [option, short_name] : AllOptions()) {
    const std::string file = manifest[option];
    if (OnlyOurs().count(option) != 0) {
      EXPECT_EQ(file, "ours") << option;
      continue;
    }
    EXPECT_NE(file, "") << option
                        << " is not in tests/vectors/imgtool/options.txt";
    if (file.empty()) continue;
    auto notes = Notes(absl::StrCat(kVectors, file, ".txt"));
    EXPECT_TRUE(IsSpelledIn(SplitCommand(notes["command"]), option, short_name))
        << option << " is not in the command of " << file;
  }
}

TEST(Options, OfTheManifestAreThoseOfTheCommandLine) {
  const auto options = AllOptions();
  for (const auto& [option, file] : Manifest()) {
    EXPECT_EQ(options.count(option), 1u) << option;
  }
}

}  // namespace
}  // namespace bootseal::tests
