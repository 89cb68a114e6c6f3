// Its commands, from an update to what it refuses.
#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "firmware/image/host/release_verdict.h"
#include "tests/client/fwu/program_fixture.h"

namespace bootseal::fwu {
namespace {

TEST_P(Program, TakesADeviceThroughAnUpdateAndBack) {
  EXPECT_EQ(Run({"record", folder_.File("first.tar")}).exit_code, 0);
  const tests::Outcome before = Run({"status", "--json"});
  ASSERT_EQ(before.exit_code, 0) << before.err;
  EXPECT_EQ(Json(before.out).Text("state"), "regular");
  EXPECT_EQ(Json(before.out).Text("metadata1"), "OK");

  const tests::Outcome installed =
      Run({"install", folder_.File("second.tar"), "--json"});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  EXPECT_EQ(Json(installed.out).Text("state"), "trial-pending");
  EXPECT_EQ(installed.err, "");  // no bar on what is no terminal
  Reset();
  EXPECT_EQ(Json(Run({"status", "--json"}).out).Text("state"), "trial");
  EXPECT_EQ(Run({"check"}).exit_code, 0);
  EXPECT_EQ(Run({"accept"}).exit_code, 0);
  ExpectRefusal({"rollback"}, 1, "BANK_DOWNGRADE");
  ExpectRefusal({"install", folder_.File("first.tar")}, 1, "DOWNGRADE");
  EXPECT_EQ(Json(Run({"--json", "status"}).out).Number("active"), 1);
}

TEST_P(Program, TellsAFallbackWithItsExitStatus) {
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  device_.content.boot = {};
  Reset();
  EXPECT_EQ(Json(Run({"status", "--json"}).out).Text("state"), "fallen-back");
  ExpectRefusal({"accept"}, 1, "FELL_BACK");
  ExpectRefusal({"install", folder_.File("second.tar")}, 1, "FELL_BACK");
  const tests::Outcome fell = Run({"check", "--json"});
  EXPECT_EQ(fell.exit_code, 1);
  EXPECT_TRUE(json_is_true(json_object_get(Json(fell.out).value, "fellBack")))
      << fell.out;
  EXPECT_EQ(Run({"check"}).exit_code, 0);
}

TEST_P(Program, TakesReleasesOfEveryKeyInTheFile) {
  // Of the same curve, and nobody's.
  const std::string other =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETmy1XhuM79/JqX4O/ltpSHcjLb+2\n"
      "iaFqtbaMDCQWoY9mKzi5jrqCBt0+hO9wRcumDK0dmLK5UHDCDv/bw+AM9A==\n"
      "-----END PUBLIC KEY-----\n";
  const std::string own = PemOfKey();
  const std::string no_curve =
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAn0z4LVl+I0vBaUaA7KBnHG9CQ7BEqbcK8XTEy8NZ1AM=\n"
      "-----END PUBLIC KEY-----\n";
  Put("key.pem", own + no_curve);
  ExpectRefusal({"install", folder_.File("second.tar")}, 2, "CONFIGURATION");
  Put("key.pem", own + "-----BEGIN PUBLIC KEY-----\nMFkw\n");
  ExpectRefusal({"install", folder_.File("second.tar")}, 2, "CONFIGURATION");
  Put("key.pem", "");
  ExpectRefusal({"install", folder_.File("second.tar")}, 2, "CONFIGURATION");
  Put("key.pem", other + own);
  EXPECT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
}

TEST_P(Program, RejectsATrial) {
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  Reset();
  EXPECT_EQ(Run({"reject"}).exit_code, 0);
  Reset();
  EXPECT_EQ(Json(Run({"status", "--json"}).out).Number("running"), 0);
}

TEST_P(Program, RepairsWhatIsDamaged) {
  std::string flash = Flash();
  flash[device_.placement().metadata[0].offset + 8] ^= 1;
  if (GetParam() == Kind::kGpt) flash[512 + 20] ^= 1;
  Put("flash", flash);
  EXPECT_EQ(Json(Run({"status", "--json"}).out).Text("metadata1"),
            "METADATA_CRC");
  EXPECT_EQ(Run({"repair"}).exit_code, 0);
  EXPECT_EQ(Flash(), device_.content.flash);
}

TEST_P(Program, NamesBundlesThatCannotBeInstalled) {
  const std::string before = Flash();
  ExpectRefusal({"install", folder_.File("none.tar")}, 5, "FILE_NOT_FOUND");
  Put("cut.tar", second_.bundle.substr(0, second_.bundle.size() / 2));
  ExpectRefusal({"install", folder_.File("cut.tar")}, 1, "BUNDLE_TRUNCATED");
  ExpectRefusal({"install", "http://127.0.0.1/x"}, 2, "DOWNLOAD_URL");
  ExpectRefusal({"install", "https://127.0.0.1:1/x"}, 2, "DOWNLOAD_CA");
  Put("other.tar", MakeRelease({.product = "toaster", .counter = 9}).bundle);
  ExpectRefusal({"install", folder_.File("other.tar")}, 1, "PRODUCT_MISMATCH");
  ExpectRefusal({"install", folder_.File("second.tar"), "--log-key",
                 "log.example+00000000+AAAA"},
                2, "CONFIGURATION");
  EXPECT_EQ(Flash(), before);
}

// Nothing behind the first 64 KiB can be written.
TEST_P(Program, KeepsWhatItStartedWhenTheDeviceIsFull) {
  const std::string install = absl::StrCat(
      "ulimit -f 64; exec ", BOOTSEAL_FWU_PROGRAM, " --json --config ",
      folder_.File("fwu.conf"), " install ", folder_.File("second.tar"));
  const tests::Outcome full = tests::Run({"bash", "-c", install});
  EXPECT_EQ(full.exit_code, 5) << full.out << full.err;
  EXPECT_EQ(Json(full.out).Reason(), "STORAGE_WRITE") << full.out;
  Reset();
  EXPECT_EQ(device_.content.boot.bank, 0);
  EXPECT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  Reset();
  EXPECT_EQ(device_.content.boot.bank, 1);
}

TEST_P(Program, NamesATableOfWhichBothCopiesAreDamaged) {
  if (GetParam() == Kind::kRaw) return;
  std::string flash = Flash();
  flash[512 + 20] ^= 1;
  flash[flash.size() - 512 + 20] ^= 1;
  Put("flash", flash);
  for (const char* command : {"status", "repair", "check", "accept"}) {
    ExpectRefusal({command}, 1, "GPT_CRC");
  }
  ExpectRefusal({"install", folder_.File("second.tar")}, 1, "GPT_CRC");
  EXPECT_EQ(Flash(), flash);
}

TEST_P(Program, WantsASignedVerdictWhereItIsToldTo) {
  Put("fwu.conf", absl::StrCat(Configuration(), "verdicts = signed\n"));
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  Reset();
  ExpectRefusal({"accept"}, 1, "VERDICT_MISSING");
  using image::host::TrialEnd;
  const auto statement = [](const image::host::ReleaseManifest& release,
                            TrialEnd end) {
    image::host::ReleaseVerdict verdict;
    verdict.product = release.product;
    verdict.target = release.target;
    verdict.version = release.version;
    verdict.end = end;
    verdict.not_after = absl::ToUnixSeconds(absl::Now() + absl::Hours(1));
    verdict.release_sha256 = image::host::ReleaseDigest(release);
    return SignedEnvelope(image::host::WriteVerdict(verdict));
  };
  const auto with = [this](const char* name) {
    return std::vector<std::string>{name, "--statement",
                                    folder_.File("verdict")};
  };
  ExpectRefusal(with("accept"), 5, "FILE_NOT_FOUND");
  Put("verdict", statement(second_.manifest, TrialEnd::kReject));
  ExpectRefusal(with("accept"), 1, "VERDICT_MISMATCH");
  Put("verdict", statement(first_.manifest, TrialEnd::kAccept));
  ExpectRefusal(with("accept"), 1, "VERDICT_MISMATCH");
  Put("verdict", second_.head.envelope);
  ExpectRefusal(with("accept"), 1, "VERDICT_MALFORMED");
  Put("verdict", statement(second_.manifest, TrialEnd::kAccept));
  ExpectRefusal(with("reject"), 1, "VERDICT_MISMATCH");
  EXPECT_EQ(Run(with("accept")).exit_code, 0);
}

TEST_P(Program, GivesADamagedReleaseUpByVerdictAndDoesNotKeepIt) {
  Put("fwu.conf", absl::StrCat(Configuration(), "verdicts = signed\n"));
  ASSERT_EQ(Run({"install", folder_.File("second.tar")}).exit_code, 0);
  Reset();
  std::string flash = Flash();
  const std::size_t at = flash.find(second_.images[0]);
  ASSERT_NE(at, std::string::npos);
  flash[at] = static_cast<char>(flash[at] ^ 1);
  Put("flash", flash);
  image::host::ReleaseVerdict verdict;
  verdict.product = second_.manifest.product;
  verdict.target = second_.manifest.target;
  verdict.version = second_.manifest.version;
  verdict.not_after = absl::ToUnixSeconds(absl::Now() + absl::Hours(1));
  verdict.release_sha256 = image::host::ReleaseDigest(second_.manifest);
  Put("verdict", SignedEnvelope(image::host::WriteVerdict(verdict)));
  ExpectRefusal({"accept", "--statement", folder_.File("verdict")}, 1,
                "BANK_CONTENT");
  EXPECT_EQ(Run({"reject", "--statement", folder_.File("verdict")}).exit_code,
            0);
}

TEST_P(Program, NamesWhatIsWrongInItsConfiguration) {
  ExpectRefusal({"status", "--product", ""}, 2, "CONFIGURATION");
  ExpectRefusal({"status", "--kind", "floppy"}, 2, "CONFIGURATION");
  ExpectRefusal({"status", "--algorithm", "rsa2048"}, 2, "CONFIGURATION");
  ExpectRefusal({"status", "--banks", "9"}, 2, "CONFIGURATION");
  ExpectRefusal({"status", "--unit", "100"}, 2, "UNIT_INVALID");
  ExpectRefusal({"status", "--boot-register", "5"}, 2, "SOURCE_INVALID");
  ExpectRefusal({"status", "--device", folder_.File("x")}, 5, "FILE_NOT_FOUND");
  ExpectRefusal({"status", "--metadata-version", "1"}, 1, "METADATA_VERSION");
  Put("boot", "not a number");
  ExpectRefusal({"status"}, 1, "NUMBER_INVALID");
}

TEST_P(Program, RefusesAConfigurationWithAnUnknownMember) {
  Put("fwu.conf", absl::StrCat(Configuration(), "colour = green\n"));
  EXPECT_EQ(Run({"status"}).exit_code, 2);
}

TEST_P(Program, SaysHowItIsUsed) {
  EXPECT_EQ(Run({}).exit_code, 2);
  EXPECT_EQ(Run({"upgrade"}).exit_code, 2);
  EXPECT_EQ(Run({"install"}).exit_code, 2);
  EXPECT_EQ(Run({"rollback", "--bank", "x"}).exit_code, 2);
  const tests::Outcome help = Run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(absl::StrContains(help.out, "install"));
}

INSTANTIATE_TEST_SUITE_P(Devices, Program,
                         testing::Values(Kind::kGpt, Kind::kRaw), NameOfKind);

}  // namespace
}  // namespace bootseal::fwu
