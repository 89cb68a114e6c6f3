// The program itself, as a shell runs it, where no server is needed.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <string>
#include <vector>
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "bootseal/v1/policy.pb.h"
#include "tests/client/cli/offline_fixture.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

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
    EXPECT_THAT(outcome.err, HasSubstr("none of: MCUboot image, release bundle"));
  }
}

TEST_F(OfflineTest, InspectSaysWhereACutImageEnds) {
  const std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  const Outcome outcome = Bootseal(
      {"inspect", WriteFile("cut", image.substr(0, image.size() - 10))});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("is broken"));
}

TEST_F(OfflineTest, HexUnderAnotherNameIsNamed) {
  const std::string hex = ":0100000041BE\n:00000001FF\n";
  const std::string file = WriteFile("image.bin", hex);
  const std::string profile = WriteProfile(TfmSecure(), v1::P256, "p256");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"inspect", file},
        {"verify", "--profile", profile, file},
        {"explain", "--profile", profile, file}}) {
    const Outcome outcome = Bootseal(arguments);
    EXPECT_EQ(outcome.exit_code, 5);
    EXPECT_THAT(outcome.err, HasSubstr("HEX_NAME"));
    EXPECT_THAT(outcome.err, HasSubstr("ends in .hex"));
  }
}

TEST_F(OfflineTest, InspectRefusesWhatItDoesNotKnow) {
  const Outcome outcome = Bootseal({"inspect", WriteFile("junk", "junk")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("none of: MCUboot image, release bundle"));
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

// A shell with the program as $0 and its arguments.
Outcome InShell(const std::string& redirection,
                const std::vector<std::string>& arguments,
                const Environment& environment) {
  std::vector<std::string> all{"sh", "-c",
                               absl::StrCat("exec \"$0\" \"$@\" ", redirection),
                               BOOTSEAL_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return tests::Run(all, environment);
}

TEST_F(OfflineTest, AResultThatIsNotWrittenIsNoSuccess) {
  const std::string profile = WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072");
  const std::string image = absl::StrCat(kVectors, "tfm-s.bin");
  for (const char* redirection : {">/dev/full", ">&-"}) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{
             {"version"},
             {"--help"},
             {"sign", "--help"},
             {"inspect", "--json", image},
             {"inspect", image},
             {"explain", "--profile", profile, image},
             {"verify", "--profile", profile, image}}) {
      const Outcome outcome = InShell(redirection, arguments, environment_);
      EXPECT_EQ(outcome.exit_code, 5) << arguments.front() << redirection;
      EXPECT_THAT(outcome.err, HasSubstr("FILE_UNWRITABLE"));
      EXPECT_THAT(outcome.err, HasSubstr("standard output"));
    }
  }
}

TEST_F(OfflineTest, ARefusalThatIsNotWrittenIsARefusalAllTheSame) {
  const std::string profile = WriteProfile(TfmSecure(), v1::RSA2048, "rsa2048");
  const std::string image = absl::StrCat(kVectors, "tfm-s.bin");
  EXPECT_EQ(InShell(">/dev/full", {"verify", "--profile", profile, image},
                    environment_)
                .exit_code,
            1);
}

TEST_F(OfflineTest, AReaderThatGoesAwayEndsItQuietly) {
  const Outcome outcome = InShell("| true; exit 7", {"version"}, environment_);
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(outcome.err, "");
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

}  // namespace
}  // namespace bootseal::tests
