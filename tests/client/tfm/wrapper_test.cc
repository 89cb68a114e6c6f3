// What the wrapper refuses, warns of, and hands to a server.
#include "client/tfm/wrapper.h"

#include <gmock/gmock.h>

#include <optional>

#include "base/status.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

constexpr char kLayout[] = "RE_SIGN_BIN_SIZE = (0x4000),\n";

class TfmWrapper : public SignTest {
 protected:
  TfmWrapper() { Write("signing_layout_s.o", kLayout); }

  absl::Status Wrap(const Words& further) const {
    return WrapWith("signing_layout_s.o", further);
  }
  absl::Status WrapWith(const std::string& layout, const Words& further) const {
    Words words{"-v", "1.2.3",        "-l", File(layout), "--align",
                "1",  "--pad-header", "-H", "0x400"};
    words.insert(words.end(), further.begin(), further.end());
    words.push_back(File("payload.bin"));
    words.push_back(File("image.bin"));
    return tfm::Run(words, server_);
  }

  std::string Warnings(const std::string& layout, const Words& further) const {
    testing::internal::CaptureStderr();
    EXPECT_OK(WrapWith(layout, further));
    return testing::internal::GetCapturedStderr();
  }

  void Refuses(const Words& further, const std::string& reason) const {
    const absl::Status status = Wrap(further);
    EXPECT_EQ(base::ReasonOf(status), reason) << status;
    EXPECT_FALSE(HasImage());
  }

  // A key file for a target, with the public half of a fresh key.
  std::string KeyFile(const std::string& head) const {
    MakeKey("rsa-2048", "fresh.pem");
    Write("target.pem", absl::StrCat(head, LoadKey("fresh.pem").PublicPem()));
    return File("target.pem");
  }

  std::optional<imgtool::ServerOrder> order_;
  absl::Status answer_ = absl::OkStatus();
  imgtool::SignOnServer server_ = [this](const imgtool::ServerOrder& order) {
    order_ = order;
    return answer_;
  };
};

TEST_F(TfmWrapper, AnImageWithoutKeyIsMadeForThoseAloneWhoAskForIt) {
  Refuses({}, "UNSIGNED");
  EXPECT_OK(Wrap({"--unsigned"}));
  EXPECT_TRUE(HasImage());
}

TEST_F(TfmWrapper, WhatIsRequiredIsAskedFor) {
  const std::string in = File("payload.bin");
  const std::string out = File("image.bin");
  const std::string layout = File("signing_layout_s.o");
  const std::vector<Words> lines{
      {"-l", layout, "--align", "1", "-H", "32", in, out},
      {"-v", "1.0", "--align", "1", "-H", "32", in, out},
      {"-v", "1.0", "-l", layout, "-H", "32", in, out},
      {"-v", "1.0", "-l", layout, "--align", "1", in, out},
      {"-v", "1.0", "-l", layout, "--align", "1", "-H", "32", in},
  };
  for (const Words& line : lines) {
    const absl::Status status = tfm::Run(line);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_FALSE(HasImage());
  }
}

TEST_F(TfmWrapper, ValuesThatCannotBeAreUsageErrors) {
  for (const Words& words : std::vector<Words>{
           {"--align", "3"},
           {"-L", "192"},
           {"-R", "0x55"},
           {"-M", "many"},
           {"-x", "here"},
           {"-v", "1.2.3.4"},
           {"-H", "31"},
           {"-d", "(1)"},
           {"-d", "1,0.0.0"},
           {"-e", "big"},
           {"--psa-key-ids", "-1"},
           {"--psa-key-ids", "4294967296"},
           {"--public-key-format", "short"},
           {"--test"},
           {"--custom-tlv", "0xa0", "1"},
       }) {
    Words line = words;
    line.emplace_back("--unsigned");
    const absl::Status status = Wrap(line);
    EXPECT_TRUE(absl::IsInvalidArgument(status))
        << words.front() << " " << words.back() << ": " << status;
    EXPECT_FALSE(HasImage());
  }
}

// The wrapper ends with a traceback.
TEST_F(TfmWrapper, CountersThatDoNotFitFail) {
  for (const char* counter : {"-1", "4294967296"}) {
    const absl::Status status = Wrap({"-s", counter, "--unsigned"});
    EXPECT_TRUE(absl::IsOutOfRange(status)) << counter << ": " << status;
    EXPECT_FALSE(HasImage());
  }
}

TEST_F(TfmWrapper, TwoKeysAreOneSignatureAtMost) {
  MakeKey("ecdsa-p256", "a.pem");
  MakeKey("ecdsa-p256", "b.pem");
  const Words keys{"-k", File("a.pem"), "-k", File("b.pem")};
  Refuses(keys, "KEYS_SEVERAL");
  Words compatible = keys;
  compatible.emplace_back("--imgtool-compatible");
  EXPECT_THAT(Warnings("signing_layout_s.o", compatible), HasSubstr("a.pem"));
}

TEST_F(TfmWrapper, AnExtraTlvIsNotDroppedInSilence) {
  Refuses({"--unsigned", "--extra-tlv", "0x00A4", "0xff"}, "EXTRA_TLV");
  EXPECT_THAT(
      Warnings("signing_layout_s.o", {"--unsigned", "--imgtool-compatible",
                                      "--extra-tlv", "0x00A4", "0xff"}),
      HasSubstr("0x00A4 is not written"));
}

TEST_F(TfmWrapper, TheKeysNumberStandsInPlaceOfTheKey) {
  MakeKey("ecdsa-p256", "a.pem");
  ASSERT_OK(Wrap({"-k", File("a.pem"), "--psa-key-ids", "2147451243"}));
  const image::mcuboot::Reading reading = ReadingOf(Image());
  EXPECT_EQ(TlvOf(reading.facts.unprotected_area, image::mcuboot::tlv::kKeyId),
            "\x6b\x81\xff\x7f");
  EXPECT_EQ(
      TlvOf(reading.facts.unprotected_area, image::mcuboot::tlv::kKeyHash), "");
  EXPECT_OK(imgtool::Run({"verify", "-k", File("a.pem"), File("image.bin")}));
}

TEST_F(TfmWrapper, OneImageNamesOneKeyNumber) {
  MakeKey("ecdsa-p256", "a.pem");
  Refuses({"-k", File("a.pem"), "--psa-key-ids", "1", "--psa-key-ids", "2"},
          "KEY_IDS_SEVERAL");
}

TEST_F(TfmWrapper, TheCombinedImageIsNotTakenForTheNonSecureOne) {
  Write("signing_layout_s_ns.o", kLayout);
  const Words record{"--unsigned", "--measured-boot-record"};
  EXPECT_THAT(Warnings("signing_layout_s_ns.o", record),
              HasSubstr("TF-M's wrapper takes it for NSPE"));
  EXPECT_THAT(Image(), HasSubstr("NSPE_SPE"));
  Words compatible = record;
  compatible.emplace_back("--imgtool-compatible");
  Warnings("signing_layout_s_ns.o", compatible);
  EXPECT_THAT(Image(), Not(HasSubstr("NSPE_SPE")));
  EXPECT_THAT(Image(), HasSubstr("NSPE"));
}

// The image's size would not be held against anything.
TEST_F(TfmWrapper, ALayoutWithoutASizeIsNone) {
  for (const char* layout :
       {"RE_IMAGE_LOAD_ADDRESS = 0x30000000,\n", "RE_SIGN_BIN_SIZE = 0,\n",
        "int main(void);\n", ""}) {
    Write("signing_layout_s.o", layout);
    Refuses({"--unsigned"}, "LAYOUT_SIZE");
    Refuses({"--unsigned", "--pad"}, "LAYOUT_SIZE");
    Refuses({"--unsigned", "--imgtool-compatible"}, "LAYOUT_SIZE");
    Refuses({"-k", "bootseal:board/tfm-s"}, "LAYOUT_SIZE");
    EXPECT_FALSE(order_.has_value());
  }
}

TEST_F(TfmWrapper, AnImageThatExceedsTheLayoutsSlotIsRefused) {
  Write("signing_layout_s.o", "RE_SIGN_BIN_SIZE = 0x500,\n");
  Refuses({"--unsigned"}, "IMAGE_TOO_LARGE");
}

TEST_F(TfmWrapper, AnImageRunsFromRamOrFlash) {
  Write("signing_layout_s.o",
        "RE_SIGN_BIN_SIZE = 0x4000,\nRE_IMAGE_LOAD_ADDRESS = 1,\n"
        "RE_IMAGE_ROM_FIXED = 2\n");
  Refuses({"--unsigned"}, "USAGE");
}

TEST_F(TfmWrapper, QuotesThatABuildLeavesAreNoPartOfADependency) {
  EXPECT_OK(Wrap({"--unsigned", "-d", "\"(1,0.0.0+0)\""}));
}

TEST_F(TfmWrapper, AServerGetsTheLayoutAsImgtoolsOptions) {
  ASSERT_OK(Wrap({"-k", "bootseal:board/tfm-s", "--measured-boot-record",
                  "--pad", "-s", "1", "-L", "128"}));
  ASSERT_TRUE(order_.has_value());
  EXPECT_EQ(order_->signer, "board/tfm-s");
  EXPECT_EQ(order_->options.slot_size, 0x4000U);
  EXPECT_EQ(order_->options.software_type, "SPE");
  EXPECT_THAT(order_->given,
              IsSupersetOf({"--slot-size", "--boot-record", "--align",
                            "--max-align", "--pad", "--security-counter"}));
  for (const char* absent :
       {"--layout", "--measured-boot-record", "--load-addr", "--rom-fixed",
        "--overwrite-only", "--confirm"}) {
    EXPECT_THAT(order_->given, Not(Contains(absent)));
  }
}

TEST_F(TfmWrapper, AServerIsNotGivenAKeysNumber) {
  Refuses({"-k", "bootseal:board/tfm-s", "--psa-key-ids", "7"},
          "KEY_ID_ON_SERVER");
  EXPECT_FALSE(order_.has_value());
}

TEST_F(TfmWrapper, AContradictionNamesWhereTheLayoutsValuesComeFrom) {
  answer_ = base::Invalid("TARGET_CONTRADICTED", "--slot-size",
                          "target board/tfm-s has --slot-size 0x2d000");
  const absl::Status status = Wrap({"-k", "bootseal:board/tfm-s"});
  EXPECT_THAT(status.message(), HasSubstr("from layout"));
  EXPECT_THAT(status.message(), HasSubstr("signing_layout_s.o"));
  EXPECT_THAT(status.message(), HasSubstr("--overwrite-only is not given"));
  const absl::Status overwrites =
      Wrap({"-k", "bootseal:board/tfm-s", "--overwrite-only"});
  EXPECT_THAT(overwrites.message(), Not(HasSubstr("is not given")));
}

TEST_F(TfmWrapper, AKeyFileNamesTargetAndPublicKey) {
  ASSERT_OK(Wrap({"-k", KeyFile("bootseal:board/tfm-s\n")}));
  ASSERT_TRUE(order_.has_value());
  EXPECT_EQ(order_->signer, "board/tfm-s");
  EXPECT_EQ(order_->public_key, LoadKey("fresh.pem").device_der());
}

TEST_F(TfmWrapper, APublicKeyThatNamesNoTargetDoesNotSign) {
  Refuses({"-k", KeyFile("")}, "KEY_NOT_PRIVATE");
  EXPECT_FALSE(order_.has_value());
}

TEST_F(TfmWrapper, AKeyFileHoldsNoPrivateKey) {
  MakeKey("rsa-2048", "private.pem");
  Write("target.pem",
        absl::StrCat("bootseal:board/tfm-s\n", Read(File("private.pem"))));
  Refuses({"-k", File("target.pem")}, "KEY_FILE_PRIVATE");
  EXPECT_FALSE(order_.has_value());
}

TEST_F(TfmWrapper, AKeyFileMayNameItsTargetAlone) {
  Write("target.pem", "bootseal:board/tfm-s\n");
  ASSERT_OK(Wrap({"-k", File("target.pem")}));
  ASSERT_TRUE(order_.has_value());
  EXPECT_EQ(order_->public_key, "");
}

TEST_F(TfmWrapper, TheWriteSizeIsTheTargetsAffairWithoutSwapping) {
  ASSERT_OK(Wrap({"-k", "bootseal:board/tfm-s"}));
  EXPECT_TRUE(order_->Has("--align"));
  ASSERT_OK(Wrap({"-k", "bootseal:board/tfm-s", "--overwrite-only"}));
  EXPECT_FALSE(order_->Has("--align"));
  EXPECT_TRUE(order_->Has("--max-align"));
}

}  // namespace
}  // namespace bootseal::tests
