// bootseal explain as a shell runs it, offline.
#include "absl/strings/escaping.h"
#include "client/cli/intel_hex.h"
#include "tests/client/cli/explain_fixture.h"

namespace bootseal::tests {
namespace {

// SHA-256 of MCUboot's root-ec-p256.
constexpr char kKnownHash[] =
    "\xe3\x04\x66\xf6\xb8\x47\x0c\x1f\x29\x07\x0b\x17\xf1\xe2\xd3\xe9"
    "\x4d\x44\x5e\x3f\x60\x80\x87\xfd\xc7\x11\xe4\x38\x2b\xb5\x38\xb6";

using image::mcuboot::TrailerKind;

TEST_F(ExplainTest, SaysThatMcubootAgreesOnAGoodImage) {
  const Outcome outcome = Explain();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("MCUboot itself would boot this, and so"));
  EXPECT_THAT(outcome.out, HasSubstr("bootable for target board/app"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("expected     ")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("signs it rightly")));
}

TEST_F(ExplainTest, SaysThatMcubootIsLaxer) {
  parts_.unprotected[1].value.resize(8);
  const Outcome text = Explain();
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, HasSubstr("MCUboot itself would boot this; Bootseal "
                                  "refuses it because: signed with another "
                                  "key (KEY_UNKNOWN)"));
  EXPECT_THAT(text.out, HasSubstr("KEY_HASH_PREFIX at 0x179: KEYHASH is no "
                                  "more than the first 8 of the 32 bytes"));
  const Outcome json = Explain({"--json"});
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_THAT(json.out, HasSubstr("\"bootable\":false"));
  EXPECT_THAT(json.out, HasSubstr("\"mcuboot\":{\"boots\":true,"));
  EXPECT_THAT(json.out, HasSubstr("\"diagnoses\":[{\"code\":\"KEY_HASH_PREFIX\""
                                  ",\"found\":"));
}

TEST_F(ExplainTest, SaysWhichCryptoLibraryDiffers) {
  parts_.unprotected[2].value += 'g';
  const Outcome json = Explain({"--json"});
  EXPECT_THAT(json.out, HasSubstr("\"boots\":null"));
  EXPECT_THAT(json.out,
              HasSubstr("{\"libraries\":[\"mbedTLS\"],\"outcome\":\"refused\","
                        "\"step\":\"SIGNATURE\""));
  EXPECT_THAT(json.out, HasSubstr("{\"libraries\":[\"TinyCrypt\",\"PSA\"],"
                                  "\"outcome\":\"starts\""));
}

TEST_F(ExplainTest, SaysThatMcubootStopsAfterValidation) {
  format().set_boot_record(v1::REQUIRED);
  format().set_software_type("SPE");
  const Outcome json = Explain({"--json"});
  EXPECT_THAT(json.out, HasSubstr("\"outcome\":\"stops\",\"step\":"
                                  "\"BOOT_RECORD\",\"function\":"
                                  "\"boot_save_boot_status\""));
  EXPECT_THAT(json.out, HasSubstr("\"boots\":false"));
}

TEST_F(ExplainTest, KnowsAKeyThatEverybodyHas) {
  parts_.unprotected[1].value = std::string(kKnownHash, 32);
  const Outcome outcome = Explain();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("PUBLICLY_KNOWN_KEY at 0x179"));
  EXPECT_THAT(outcome.out, HasSubstr("MCUboot root-ec-p256.pem"));
}

TEST_F(ExplainTest, DoesNotKnowAKeyThatDiffersByOneBit) {
  parts_.unprotected[1].value = std::string(kKnownHash, 32);
  parts_.unprotected[1].value[31] ^= 1;
  const Outcome outcome = Explain();
  EXPECT_THAT(outcome.out, Not(HasSubstr("PUBLICLY_KNOWN_KEY")));
  EXPECT_THAT(outcome.out, HasSubstr("names key e30466f6"));
}

TEST_F(ExplainTest, KnowsThePublicKeysOfLongerHashes) {
  const std::string sha384 =
      "85b7bd5f5dff9a03a99927adaf6ca6febde822c1a480928324a8e60323715c57"
      "79461c496a95aee8c4f90b99779f848a";
  parts_.unprotected[1].value = absl::HexStringToBytes(sha384);
  EXPECT_THAT(Explain().out, HasSubstr("MCUboot root-ec-p384.pem"));
}

TEST_F(ExplainTest, KnowsTheKeyOfAnotherTarget) {
  const SigningKey other(image::Algorithm::kP256);
  TestTarget signer(other);
  parts_ = MakeParts(signer, TestPayload(301), {});
  v1::Target twin = proto_;
  twin.set_name("board/other");
  const std::string profile = Profile(twin, other, "other.profile");
  const Outcome told = Explain({"--profile", profile});
  EXPECT_EQ(told.exit_code, 1) << told.err;
  EXPECT_THAT(told.out, HasSubstr("signed with the key of target board/other, "
                                  "for which it is bootable"));
  EXPECT_THAT(Explain().out, Not(HasSubstr("KEY_OF_OTHER_TARGET")));
}

TEST_F(ExplainTest, NamesNoOtherTargetWhenTheKeyIsRight) {
  v1::Target twin = proto_;
  twin.set_name("board/other");
  const std::string profile =
      Profile(twin, SharedKey(image::Algorithm::kP256), "other.profile");
  const Outcome outcome = Explain({"--profile", profile});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, Not(HasSubstr("KEY_OF_OTHER_TARGET")));
}

TEST_F(ExplainTest, PredictsTheSwapFromTheTrailer) {
  const std::string pad = WriteFile("pad.bin", Padded(TrailerKind::kPad));
  const std::string confirm =
      WriteFile("confirm.bin", Padded(TrailerKind::kConfirm));
  const auto explained = [this](const std::string& path) {
    return Bootseal({"explain", "--profile", Profile(), path}).out;
  };
  EXPECT_THAT(explained(pad), HasSubstr("TEST: the next boot swaps it in to be "
                                        "tested"));
  EXPECT_THAT(explained(pad), HasSubstr("magic good (max-align 8) at 0xfff0, "
                                        "image_ok unset, copy_done unset"));
  EXPECT_THAT(explained(confirm), HasSubstr("PERM: the next boot swaps it in "
                                            "for good"));
  EXPECT_THAT(Explain().out, HasSubstr("NONE: nothing asks for an upgrade"));
}

TEST_F(ExplainTest, EvaluatesEveryRowWithThePrimarySlot) {
  // Tested, and not confirmed.
  std::string primary = Padded(TrailerKind::kPad);
  primary[primary.size() - 32] = 1;
  const std::string path = WriteFile("primary.bin", primary);
  EXPECT_THAT(Explain({"--primary", path}).out, HasSubstr("REVERT: the next"));
  EXPECT_THAT(Explain({"--primary", path, "--json"}).out,
              HasSubstr("\"swap_type\":\"REVERT\""));
  primary[primary.size() - 24] = 1;
  EXPECT_THAT(Explain({"--primary", WriteFile("ok.bin", primary)}).out,
              HasSubstr("NONE: "));
}

TEST_F(ExplainTest, ComparesVersionsWithThePrimarySlot) {
  ImageParts newer = parts_;
  newer.header.version = {2, 0, 0, 0};
  SignAgain(target_, newer);
  const std::string path = WriteFile("primary.bin", Join(newer));
  const std::string file = WriteFile("pad.bin", Padded(TrailerKind::kPad));
  EXPECT_THAT(
      Bootseal({"explain", "--profile", Profile(), "--primary", path, file})
          .out,
      HasSubstr("older: 1.2.3+4 beside 2.0.0; a bootloader with "
                "MCUBOOT_DOWNGRADE_PREVENTION erases it"));
}

TEST_F(ExplainTest, JudgesDependenciesAgainstVersionsThatAreTold) {
  const std::vector<image::mcuboot::Dependency> wants{{1, {2, 0, 0, 0}}};
  image::mcuboot::ProtectedTlvs tlvs;
  tlvs.dependencies = wants;
  parts_ = MakeParts(target_, TestPayload(301), tlvs);
  EXPECT_THAT(Explain().out, HasSubstr("image 1 at least 2.0.0: not told"));
  EXPECT_THAT(Explain({"--other", "1=1.9.0"}).out,
              HasSubstr("it has 1.9.0: no image is upgraded"));
  EXPECT_THAT(Explain({"--other", "0=9", "--other", "1=2.0.0", "--json"}).out,
              HasSubstr("\"image_id\":1,\"minimum\":\"2.0.0\",\"present\":"
                        "\"2.0.0\",\"satisfied\":true"));
}

TEST_F(ExplainTest, RefusesAVersionThatIsNone) {
  for (const char* other :
       {"1", "=1.0", "x=1.0", "256=1.0", "1=", "1=v2", "1=1.2+3", "-1=1"}) {
    const Outcome outcome = Explain({"--other", other});
    EXPECT_EQ(outcome.exit_code, 2) << other;
    EXPECT_THAT(outcome.err, HasSubstr("OTHER_INVALID")) << other;
    EXPECT_EQ(outcome.out, "") << other;
  }
}

TEST_F(ExplainTest, TakesTheDevicesOwnCounter) {
  format().set_security_counter(v1::REQUIRED);
  image::mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = true;
  tlvs.security_counter = 4;
  parts_ = MakeParts(target_, TestPayload(301), tlvs);
  EXPECT_EQ(Explain({"--device-security-counter", "4"}).exit_code, 0);
  const Outcome low = Explain({"--device-security-counter", "5"});
  EXPECT_EQ(low.exit_code, 1);
  EXPECT_THAT(low.out, HasSubstr("SECURITY_COUNTER_LOW"));
  EXPECT_THAT(low.out, HasSubstr("SEC_CNT 4 at 0x151, the device has 5"));
  EXPECT_THAT(low.out, HasSubstr("--security-counter 5"));
  EXPECT_EQ(Explain({"--device-security-counter", "-1"}).exit_code, 2);
  EXPECT_EQ(Explain({"--device-security-counter", "4294967296"}).exit_code, 2);
}

TEST_F(ExplainTest, SaysWhereAHexFileShouldStart) {
  format().set_slot_address(0x60);
  const std::string image = Join(parts_);
  const auto hex = [&](std::uint32_t address) {
    const auto text = cli::WriteIntelHex({{address, image}});
    EXPECT_OK(text);
    return Bootseal({"explain", "--profile", Profile(),
                     WriteFile("image.hex", text.value_or(""))});
  };
  EXPECT_THAT(hex(0x08000000).out, HasSubstr("HEX_BASE at 0x0: the HEX file "
                                             "starts at 0x08000000"));
  EXPECT_THAT(hex(0x60).out, Not(HasSubstr("HEX_BASE")));
}

TEST_F(ExplainTest, RecognisesOtherFilesByTheirContent) {
  const std::string file = WriteFile("app.bin", "\177ELF\1\1\1 and more");
  const Outcome outcome = Bootseal({"explain", "--profile", Profile(), file});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out,
              HasSubstr("OTHER_FORMAT at 0x0: the file is an ELF"));
  EXPECT_THAT(outcome.out, HasSubstr("objcopy"));
}

TEST_F(ExplainTest, LeavesTheCounterToATargetThatDerivesIt) {
  format().set_security_counter(v1::REQUIRED);
  format().set_security_counter_from_version(true);
  const Outcome outcome = Explain();
  EXPECT_THAT(outcome.out, HasSubstr("SECURITY_COUNTER_MISSING"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("--security-counter")));
  EXPECT_THAT(outcome.out, HasSubstr("-s auto"));
}

TEST_F(ExplainTest, CutsTheFileThatWasGiven) {
  const std::string image = Join(parts_);
  const std::string path =
      WriteFile("two headers.bin", image.substr(0, 0x20) + image);
  const Outcome json =
      Bootseal({"explain", "--json", "--profile", Profile(), path});
  const std::string cut =
      absl::StrCat(folder_.path(), "/two headers.stripped.bin");
  const std::string command =
      absl::StrCat("tail -c +33 '", path, "' > '", cut, "'");
  EXPECT_THAT(json.out,
              HasSubstr(absl::StrCat("\"command\":\"", command, "\"")));
  EXPECT_THAT(json.out, HasSubstr("\"code\":\"HEADER_DOUBLED\""));
  EXPECT_EQ(tests::Run({"sh", "-c", command}).exit_code, 0);
  EXPECT_EQ(Bootseal({"explain", "--profile", Profile(), cut}).exit_code, 0);
}

TEST_F(ExplainTest, HasNoCommandWhereNoneCanBeTyped) {
  const Outcome json =
      Bootseal({"explain", "--json", "--profile", Profile(),
                WriteFile("cut.bin", Join(parts_).substr(0, 100))});
  EXPECT_THAT(json.out, HasSubstr("\"code\":\"TRUNCATED\""));
  EXPECT_THAT(json.out, HasSubstr("\"command\":null"));
}

TEST_F(ExplainTest, EndsLikeOthersWithoutThePrimaryFile) {
  const Outcome outcome = Explain({"--primary", "/nonexistent"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("FILE_NOT_FOUND"));
  EXPECT_EQ(outcome.out, "");
}

// The report that started this, with all that mends it in one line.
TEST_F(ExplainTest, GivesTheCommandThatMendsTfmsImage) {
  const Outcome outcome =
      Bootseal({"explain", "--profile",
                WriteProfile(TfmSecure(), v1::RSA3072, "rsa3072"),
                absl::StrCat(kVectors, "tfm-s-bare.bin")});
  EXPECT_THAT(
      outcome.out,
      HasSubstr("bootseal imgtool sign -k bootseal:nucleo-l552ze-q/tfm-s -v "
                "1.3.0 -H 0x400 --pad-header -S 0x2d000 --align 8 "
                "--overwrite-only --pad --public-key-format full -s 1 "
                "--boot-record SPE payload.bin image.bin"));
  EXPECT_THAT(outcome.out, HasSubstr("BOOT_RECORD_ABSENT at 0x52d"));
  EXPECT_THAT(outcome.out, HasSubstr("PADDING_MISSING at 0x86b"));
}

}  // namespace
}  // namespace bootseal::tests
