// The program itself, as a shell runs it, where no server is needed.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "bootseal/v1/policy.pb.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kVectors[] = BOOTSEAL_SOURCE_DIR "/tests/vectors/mcuboot/";

std::string Read(const std::string& path) {
  const auto text = base::ReadFile(path, 16 << 20);
  EXPECT_OK(text);
  return text.value_or("");
}

v1::Target TfmSecure() {
  v1::Target target;
  target.set_name("nucleo-l552ze-q/tfm-s");
  target.set_key("tfm-s");
  target.add_requesters("ci");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_header_size(0x400);
  format.set_slot_size(0x2d000);
  format.set_align(8);
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.set_padding(v1::PAD);
  format.set_key_format(v1::FULL);
  format.set_security_counter(v1::REQUIRED);
  format.set_default_security_counter(1);
  format.set_security_counter_ceiling(512);
  format.set_boot_record(v1::REQUIRED);
  format.set_software_type("SPE");
  format.set_dependency(v1::OPTIONAL);
  format.set_image_count(2);
  return target;
}

class OfflineTest : public testing::Test {
 protected:
  Outcome Bootseal(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BOOTSEAL_PROGRAM);
    return tests::Run(arguments, environment_);
  }

  // A profile file of `target` with the public key of a golden image.
  std::string WriteProfile(const v1::Target& target, v1::Algorithm algorithm,
                           const std::string& key) {
    v1::Profile profile;
    *profile.mutable_target() = target;
    profile.set_algorithm(algorithm);
    profile.set_public_key(Read(absl::StrCat(kVectors, key, ".pub.der")));
    std::string text;
    google::protobuf::TextFormat::PrintToString(profile, &text);
    const std::string path = folder_.File("profile");
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    EXPECT_OK(base::WriteFileAtomically(folder_.File(name), content));
    return folder_.File(name);
  }

  // Nothing but these is in the folder: no output, nor a part of one.
  std::vector<std::string> Files() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  // Signs with whatever else is given; the server does not exist.
  Outcome Sign(const std::string& payload,
               std::vector<std::string> arguments = {}) {
    std::vector<std::string> all{"sign", "--target", "app", "--version",
                                 "1.2.3"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(payload);
    return Bootseal(all);
  }

  TemporaryFolder folder_;
  Environment environment_{{"BOOTSEAL_SERVER", "127.0.0.1:1"},
                           {"BOOTSEAL_CA", ""},
                           {"BOOTSEAL_CERT", ""},
                           {"BOOTSEAL_KEY", ""},
                           {"BOOTSEAL_LOG_KEY", ""},
                           {"XDG_CONFIG_HOME", "/nonexistent"},
                           {"BOOTSEAL_STATE", "/nonexistent"}};
};

// The case that started this.
TEST_F(OfflineTest, ExplainsTheMissingBootRecordOfTheReport) {
  const Outcome outcome =
      Bootseal({"explain", "--profile",
                WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072"),
                absl::StrCat(kVectors, "tfm-s-bare.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("BOOT_RECORD_MISSING"));
  EXPECT_THAT(outcome.out, HasSubstr("BOOT_RECORD TLV"));
  EXPECT_THAT(outcome.out, HasSubstr("MCUBOOT_MEASURED_BOOT"));
  EXPECT_THAT(outcome.out, HasSubstr("--boot-record"));
  EXPECT_THAT(outcome.out, HasSubstr("SECURITY_COUNTER_MISSING"));
  EXPECT_THAT(outcome.out, HasSubstr("MCUBOOT_HW_ROLLBACK_PROT"));
  EXPECT_THAT(outcome.out, HasSubstr("not bootable"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(OfflineTest, ExplainsTheSameForMachines) {
  const Outcome outcome =
      Bootseal({"explain", "--json", "--profile",
                WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072"),
                absl::StrCat(kVectors, "tfm-s-bare.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"bootable\":false"));
  EXPECT_THAT(
      outcome.out,
      HasSubstr("\"code\":\"BOOT_RECORD_MISSING\",\"outcome\":\"fail\""));
}

TEST_F(OfflineTest, VerifiesTheRightlySignedImage) {
  const std::string profile = WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072");
  const std::string image = absl::StrCat(kVectors, "tfm-s.bin");
  const Outcome verdict = Bootseal({"verify", "--profile", profile, image});
  EXPECT_EQ(verdict.exit_code, 0) << verdict.out << verdict.err;
  EXPECT_THAT(verdict.out, HasSubstr("bootable for target nucleo-l552ze-q"));
  const Outcome explained = Bootseal({"explain", "--profile", profile, image});
  EXPECT_EQ(explained.exit_code, 0);
  EXPECT_THAT(explained.out, Not(HasSubstr("FAIL")));
}

TEST_F(OfflineTest, VerifyNamesTheFirstRuleThatFails) {
  std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  image[0x400] = static_cast<char>(image[0x400] ^ 1);
  const Outcome outcome =
      Bootseal({"verify", "--json", "--profile",
                WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072"),
                WriteFile("image", image)});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"bootable\":false"));
  EXPECT_THAT(outcome.out, HasSubstr("\"rule\":\"DIGEST_MISMATCH\""));
}

TEST_F(OfflineTest, VerifyRefusesAnImageOfAnotherKey) {
  const Outcome outcome = Bootseal(
      {"verify", "--profile", WriteProfile(TfmSecure(), v1::RSA2048, "rsa2048"),
       absl::StrCat(kVectors, "tfm-s.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("not bootable"));
}

TEST_F(OfflineTest, VerifyWantsATargetOrAProfile) {
  const Outcome neither =
      Bootseal({"verify", absl::StrCat(kVectors, "tfm-s.bin")});
  EXPECT_EQ(neither.exit_code, 2);
  EXPECT_THAT(neither.err, HasSubstr("--target"));
}

TEST_F(OfflineTest, VerifyRefusesAProfileThatIsNone) {
  const Outcome outcome =
      Bootseal({"verify", "--profile", WriteFile("profile", "not: a profile"),
                absl::StrCat(kVectors, "tfm-s.bin")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("profile"));
}

TEST_F(OfflineTest, InspectNamesEveryTlv) {
  const Outcome outcome =
      Bootseal({"inspect", absl::StrCat(kVectors, "tfm-s.bin")});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* name : {"SEC_CNT", "BOOT_RECORD", "DEPENDENCY", "SHA256",
                           "PUBKEY", "RSA3072_PSS"}) {
    EXPECT_THAT(outcome.out, HasSubstr(name));
  }
  EXPECT_THAT(outcome.out, HasSubstr("1.3.0"));
  EXPECT_THAT(outcome.out, HasSubstr("matches"));
}

TEST_F(OfflineTest, InspectSaysInWordsWhatTheProtectedTlvsSay) {
  const Outcome outcome =
      Bootseal({"inspect", absl::StrCat(kVectors, "tfm-s.bin")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("counter 1"));
  EXPECT_THAT(outcome.out, HasSubstr("software type SPE, version 1.3.0, "
                                     "measurement type SHA256, signer id "));
  EXPECT_THAT(outcome.out, HasSubstr("image 1, version 0.0.0 or later"));
}

TEST_F(OfflineTest, InspectSaysTheSameToMachines) {
  const Outcome outcome =
      Bootseal({"inspect", "--json", absl::StrCat(kVectors, "tfm-s.bin")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\"decoded\":{\"security_counter\":1}"));
  EXPECT_THAT(outcome.out,
              HasSubstr("\"decoded\":{\"software_type\":\"SPE\",\"version\":"
                        "\"1.3.0\",\"measurement_type\":\"SHA256\","
                        "\"signer_id\":\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"decoded\":{\"image\":1,"
                                     "\"minimum_version\":\"0.0.0\"}"));
}

TEST_F(OfflineTest, InspectSaysThatABootRecordIsMalformed) {
  std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  const std::size_t record = image.find("SPE");
  ASSERT_NE(record, std::string::npos);
  image[record - 3] = '\xa4';  // a map of four, not five
  const Outcome outcome = Bootseal({"inspect", WriteFile("image", image)});
  EXPECT_THAT(outcome.out, HasSubstr("malformed boot record"));
}

TEST_F(OfflineTest, InspectRecognisesAPublicKey) {
  const Outcome outcome =
      Bootseal({"inspect", "--json", absl::StrCat(kVectors, "p384.pub.pem")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\"format\":\"public-key\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"algorithm\":\"p384\""));
}

TEST_F(OfflineTest, InspectRecognisesAProfile) {
  const Outcome outcome =
      Bootseal({"inspect", WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("nucleo-l552ze-q/tfm-s"));
}

TEST_F(OfflineTest, InspectNamesAnEmptyFile) {
  const Outcome outcome =
      Bootseal({"inspect", "--json", WriteFile("empty", "")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("\"reason\":\"FILE_EMPTY\""));
  EXPECT_EQ(outcome.out, "");
}

TEST_F(OfflineTest, InspectTakesNoProfileWithoutTargetAndKey) {
  for (const char* text : {"\n", "# nothing\n", "target { name: \"app\" }\n",
                           "public_key: \"key\"\n"}) {
    const Outcome outcome = Bootseal({"inspect", WriteFile("profile", text)});
    EXPECT_EQ(outcome.exit_code, 5) << text << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr("none of: MCUboot image, receipt"));
  }
}

TEST_F(OfflineTest, InspectSaysWhereACutImageEnds) {
  const std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  const Outcome outcome = Bootseal(
      {"inspect", WriteFile("cut", image.substr(0, image.size() - 10))});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("is broken"));
}

TEST_F(OfflineTest, InspectRefusesWhatItDoesNotKnow) {
  const Outcome outcome = Bootseal({"inspect", WriteFile("junk", "junk")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("none of: MCUboot image, receipt"));
}

TEST_F(OfflineTest, PolicyCheckReportsEveryProblemAtOnce) {
  const std::string policy =
      WriteFile("policy",
                "version: 1\n"
                "targets { name: \"a\" key: \"nokey\" requesters: \"norole\" "
                "mcuboot { header_size: 4 } }\n");
  const Outcome outcome = Bootseal({"policy", "check", policy});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("nokey"));
  EXPECT_THAT(outcome.err, HasSubstr("norole"));
  EXPECT_THAT(outcome.err, HasSubstr("header_size"));
}

TEST_F(OfflineTest, VersionNamesTheBuild) {
  const Outcome outcome = Bootseal({"version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("bootseal "));
}

TEST_F(OfflineTest, UnknownCommandsAndOptionsAreUsage) {
  EXPECT_EQ(Bootseal({}).exit_code, 2);
  EXPECT_EQ(Bootseal({"frobnicate"}).exit_code, 2);
  EXPECT_EQ(Bootseal({"sign", "--no-such-option"}).exit_code, 2);
  EXPECT_EQ(Bootseal({"keys", "show", "--format", "xml", "app"}).exit_code, 2);
  EXPECT_EQ(Bootseal({"--help"}).exit_code, 0);
}

TEST_F(OfflineTest, UsageErrorsAreJsonToo) {
  const Outcome outcome = Bootseal({"--json", "sign"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err.rfind("{\"error\":", 0), 0U) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

struct BadInput {
  const char* name;
  std::string content;
  const char* message;
};

class SignInputTest : public OfflineTest,
                      public testing::WithParamInterface<BadInput> {};

TEST_P(SignInputTest, IsNamedAndNothingIsWritten) {
  const std::string payload = WriteFile("app.bin", GetParam().content);
  const Outcome outcome = Sign(payload);
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().message));
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SignInputTest,
    testing::Values(
        BadInput{"Empty", "", "is empty"},
        BadInput{"AlreadyAnImage", "\x3d\xb8\xf3\x96rest", "already an image"},
        BadInput{"HexOverlap", ":0100000041BE\n:0100000041BE\n:00000001FF\n",
                 "is given twice"},
        BadInput{"HexHugeGap",
                 ":0100000041BE\n:020000040020DA\n:0100000042BD\n:00000001FF\n",
                 "a gap of 2097151 bytes"},
        BadInput{"HexChecksum", ":0100000041BF\n:00000001FF\n", "checksum"},
        BadInput{"HexCut", ":0100000041BE\n", "no end-of-file record"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(OfflineTest, SignRefusesAVersionThatIsNone) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const char* version : {"one", "1.2.3.4", "1.2+5", "256", "01", ""}) {
    const Outcome outcome =
        Bootseal({"sign", "--target", "app", "--version", version, payload});
    EXPECT_EQ(outcome.exit_code, 2) << version << outcome.err;
  }
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

// A text that would clear a terminal, and one that would forge a line.
TEST_F(OfflineTest, ControlCharactersAreUsageAndNeverReachTheTerminal) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const std::string option : {"--target", "--version", "--request-id"}) {
    for (const std::string text : {"a\x1b[2Jb", "a\nb", "a\xc2\x9b", "a\xff"}) {
      std::vector<std::string> arguments{"sign", payload, option, text};
      if (option != "--target") {
        arguments.insert(arguments.end(), {"--target", "app"});
      }
      if (option != "--version") {
        arguments.insert(arguments.end(), {"--version", "1"});
      }
      const Outcome outcome = Bootseal(arguments);
      EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
      EXPECT_THAT(outcome.err, HasSubstr(option));
      EXPECT_THAT(outcome.err, HasSubstr("control characters"));
      EXPECT_THAT(outcome.err, Not(HasSubstr(text)));
      EXPECT_EQ(outcome.out, "");
    }
  }
}

TEST_F(OfflineTest, SignRefusesARequestIdThatIsTooLongOrEmpty) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const std::string& id : {std::string(65, 'a'), std::string()}) {
    const Outcome outcome = Sign(payload, {"--request-id", id});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("expected 1 to 64"));
  }
  // The longest one is fine: the next thing asked for is the log's key.
  EXPECT_THAT(Sign(payload, {"--request-id", std::string(64, 'a')}).err,
              HasSubstr("BOOTSEAL_LOG_KEY"));
}

TEST_F(OfflineTest, SignRefusesATimeoutThatIsNoTime) {
  const std::string payload = WriteFile("app.bin", "payload");
  for (const char* timeout : {"0", "-1", "-0.5", "nan", "soon", ""}) {
    const Outcome outcome =
        Sign(payload, {absl::StrCat("--timeout=", timeout)});
    EXPECT_EQ(outcome.exit_code, 2) << timeout << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("timeout")) << timeout;
  }
}

TEST_F(OfflineTest, SignRefusesAMissingPayload) {
  const Outcome outcome = Sign(folder_.File("nothing"));
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("nothing"));
}

TEST_F(OfflineTest, SignRefusesToReplaceItsPayload) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"-o", payload});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(Read(payload), "payload");
}

TEST_F(OfflineTest, SignRefusesAReceiptInThePlaceOfItsImage) {
  const std::string payload = WriteFile("app.bin", "payload");
  const std::string image = folder_.File("image");
  for (const std::string& receipt :
       {image, folder_.File("./image"), folder_.path() + "//image"}) {
    const Outcome outcome = Sign(payload, {"-o", image, "--receipt", receipt});
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("two names"));
  }
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

TEST_F(OfflineTest, SignRefusesAReceiptInThePlaceOfItsPayload) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"--receipt", payload});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("would replace its input"));
  EXPECT_EQ(Read(payload), "payload");
}

TEST_F(OfflineTest, SignLooksForAPlaceToWriteBeforeItAsks) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"-o", "/nonexistent/app.bin"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/app.bin"));
}

TEST_F(OfflineTest, SignWantsAnAddressForHexOutput) {
  const std::string payload = WriteFile("app.bin", "payload");
  const Outcome outcome = Sign(payload, {"-o", folder_.File("app.hex")});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--address"));
}

TEST_F(OfflineTest, SignWantsALogKey) {
  const Outcome outcome = Sign(WriteFile("app.bin", "payload"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("BOOTSEAL_LOG_KEY"));
  EXPECT_THAT(Files(), testing::ElementsAre("app.bin"));
}

}  // namespace
}  // namespace bootseal::tests
