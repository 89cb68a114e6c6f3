#include "firmware/image/host/diagnosis.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/explain.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "tests/firmware/image/host/mistake_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::host::Diagnose;
using image::host::Evidence;
using image::host::FilePadding;
using image::host::Gather;
using image::host::TargetWords;
using namespace image::mcuboot;

TEST(Diagnosis, GivesTheTargetsOwnCommandLine) {
  TestTarget target(SharedKey(Algorithm::kRsa3072));
  Rules& rules = target.rules;
  rules.header_size = 0x400;
  rules.slot_size = 0x2d000;
  rules.align = 8;
  rules.strategy = Strategy::kOverwriteOnly;
  rules.key_format = KeyFormat::kFull;
  rules.security_counter = Presence::kRequired;
  rules.boot_record = Presence::kRequired;
  rules.software_type = AsBytes("SPE");
  const TargetWords words{.name = "nucleo/tfm-s",
                          .padding = FilePadding::kPad,
                          .dependencies = "(1,0.0.0+0)"};
  EXPECT_EQ(image::host::ImgtoolCommand(rules, words,
                                        {.version = Version{1, 3, 0, 0}}),
            "bootseal imgtool sign -k bootseal:nucleo/tfm-s -v 1.3.0 -H 0x400 "
            "--pad-header -S 0x2d000 --align 8 --overwrite-only --pad "
            "--public-key-format full -s 1 --boot-record SPE -d '(1,0.0.0+0)' "
            "payload.bin image.bin");
  EXPECT_EQ(
      image::host::SignCommand(rules, words, {.version = Version{1, 3, 0, 4}}),
      "bootseal sign --target nucleo/tfm-s --version 1.3.0+4 "
      "--security-counter 1 -o image.bin payload.bin");
}

TEST(Diagnosis, QuotesATargetForTheShell) {
  EXPECT_EQ(image::host::ShellWord("a b"), "'a b'");
  EXPECT_EQ(image::host::ShellWord("a'; rm x"), "'a'\\''; rm x'");
  EXPECT_EQ(image::host::ShellWord(""), "''");
  EXPECT_EQ(image::host::ShellWord("board/app:1"), "board/app:1");
}

// Whatever an upload leaves: all of explain's parts read it to its end.
TEST(Diagnosis, SurvivesEveryTruncation) {
  TestTarget target(SharedKey(Algorithm::kP256));
  target.rules.boot_record = Presence::kRequired;
  target.rules.slot_address = 0x60;
  MistakeCase one{target};
  one.Make(256, Record());
  one.image += Area(kUnprotectedMagic, one.parts.unprotected);
  const std::size_t end = Join(one.parts).size();
  const std::size_t signed_size = SignedPart(one.parts).size();
  for (std::size_t size = 0; size < one.image.size(); ++size) {
    const std::string cut = one.image.substr(0, size);
    const Evidence evidence =
        Gather(target.rules, AsBytes(cut), one.words, {.hex_address = 0x60});
    const std::string codes = CodesOf(Diagnose(evidence));
    const auto explained = image::host::Explain(target.rules, AsBytes(cut));
    const auto predicted =
        image::host::PredictMcuboot(target.rules, AsBytes(cut));
    ASSERT_FALSE(predicted.empty());
    const std::string expected = size == 0             ? "EMPTY"
                                 : size < 4            ? ""
                                 : size == signed_size ? "EXPORTED_VECTOR"
                                 : size < end          ? "TRUNCATED"
                                                       : "";
    ASSERT_EQ(codes, expected) << size;
    ASSERT_EQ(explained.verdict == image::Error::kOk, size >= end) << size;
  }
}

}  // namespace
}  // namespace bootseal::tests
