// The program as a device's scripts run it, on images of its flash.
#include <gtest/gtest.h>
#include <jansson.h>
#include <openssl/pem.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/openssl.h"
#include "client/fwu/instance_lock.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/release_verdict.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/process.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;

std::string PemOfKey() {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(),
                       tests::SharedKey(image::Algorithm::kP256).get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

struct Json {
  explicit Json(const std::string& text)
      : value(json_loads(text.c_str(), 0, nullptr)) {}
  ~Json() { json_decref(value); }
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;
  std::string Text(const char* name) const {
    const char* text = json_string_value(json_object_get(value, name));
    return text == nullptr ? "" : text;
  }
  json_int_t Number(const char* name) const {
    return json_integer_value(json_object_get(value, name));
  }
  std::string Reason() const {
    const char* text = json_string_value(
        json_object_get(json_object_get(value, "error"), "reason"));
    return text == nullptr ? "" : text;
  }
  json_t* value;
};

class Program : public testing::TestWithParam<Kind> {
 protected:
  Program()
      : first_(MakeRelease({.minor = 1})),
        second_(MakeRelease({.minor = 2, .counter = 6})),
        device_({.kind = GetParam(),
                 .unit = GetParam() == Kind::kGpt ? 512u : 4096u}) {
    device_.Know(first_);
    device_.Know(second_);
    device_.Fill(0, first_);
    device_.Fill(1, first_);
    device_.StoreMetadata(MakeMetadata(
        device_.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
    Put("flash", device_.content.flash);
    Put("key.pem", PemOfKey());
    Put("counter", "5\n");
    Put("boot", "0x30\n");
    Put("first.tar", first_.bundle);
    Put("second.tar", second_.bundle);
    Put("fwu.conf", Configuration());
  }

  void Put(const std::string& name, const std::string& content) {
    ASSERT_OK(base::WriteFileAtomically(folder_.File(name), content));
  }
  std::string Flash() {
    return *base::ReadFile(folder_.File("flash"), 16 << 20);
  }

  std::string Configuration() {
    std::string text = absl::StrCat(
        "# this device\ndevice = ", folder_.File("flash"),
        "\nproduct = ", kProduct, "\nrelease-key = ", folder_.File("key.pem"),
        "\nboot-register = file:", folder_.File("boot"),
        "\nsecurity-counter = file:", folder_.File("counter"),
        "\nlock = ", folder_.File("lock"),
        "\nrecords = ", folder_.File("records"),
        "\nunit = ", device_.options().unit, "\n");
    if (GetParam() == Kind::kGpt) return text;
    const Placement& placement = device_.placement();
    absl::StrAppend(&text, "kind = raw\nmetadata-size = 4096\nmetadata = [",
                    placement.metadata[0].offset, ", ",
                    placement.metadata[1].offset, "]\nimage = [");
    for (const auto& image : placement.images) {
      absl::StrAppend(&text, image::host::FormatGuid(image.guid), "@",
                      image.range.offset, "+", image.range.size,
                      &image == &placement.images.back() ? "]\n" : ", ");
    }
    return text;
  }

  tests::Outcome Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {BOOTSEAL_FWU_PROGRAM, "--config",
                                         folder_.File("fwu.conf")});
    return tests::Run(arguments);
  }
  void ExpectRefusal(const std::vector<std::string>& arguments, int exit_code,
                     const std::string& reason) {
    auto with_json = arguments;
    with_json.push_back("--json");
    const tests::Outcome outcome = Run(with_json);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out << outcome.err;
    EXPECT_EQ(Json(outcome.out).Reason(), reason) << outcome.out << outcome.err;
  }

  // The bootloader's turn.
  void Reset() {
    device_.content.flash = Flash();
    const auto selection = device_.Boot(device_.content);
    ASSERT_TRUE(selection.has_value());
    device_.content.boot = selection->next;
    Put("boot",
        absl::StrCat(selection->next.bank | selection->next.trials << 4));
  }

  tests::TemporaryFolder folder_;
  TestRelease first_;
  TestRelease second_;
  SimulatedDevice device_;
};

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
  const tests::Outcome fell = Run({"check", "--json"});
  EXPECT_EQ(fell.exit_code, 1);
  EXPECT_TRUE(json_is_true(json_object_get(Json(fell.out).value, "fellBack")))
      << fell.out;
  EXPECT_EQ(Run({"check"}).exit_code, 0);
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

TEST_P(Program, ReadsAndWritesNothingElseWhileItOnlyTells) {
  std::string flash = Flash();
  flash[device_.placement().metadata[0].offset + 8] ^= 1;
  Put("flash", flash);
  EXPECT_EQ(Run({"status"}).exit_code, 0);
  EXPECT_EQ(Flash(), flash);
}

TEST_P(Program, RunsOnceAtATime) {
  const auto lock = InstanceLock::Take(folder_.File("lock"));
  ASSERT_OK(lock);
  ExpectRefusal({"status"}, 1, "INSTANCE_RUNNING");
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
                         testing::Values(Kind::kGpt, Kind::kRaw),
                         [](const auto& each) {
                           return each.param == Kind::kGpt ? "Gpt" : "Raw";
                         });

}  // namespace
}  // namespace bootseal::fwu
