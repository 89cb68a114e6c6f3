// The quickstart's policy: what its targets make, and how it grows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/deploy/quickstart.h"

namespace bootseal::tests {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::uint32_t Number(const std::string& bytes, std::size_t at,
                     std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i > 0; --i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes.at(at + i - 1));
  }
  return value;
}

// What TF-M's BL2 on the NUCLEO-L552ZE-Q expects, as measured with TF-M's own
// wrapper: header 0x400, both slots filled, protected TLVs of 123 and 124 bytes
// for a version of five characters (counter, boot record, dependency).
struct TfmImage {
  const char* target;
  std::size_t slot_size;
  std::uint32_t protected_size;
  const char* software_type;
};

constexpr TfmImage kTfmImages[] = {
    {"nucleo-l552ze-q/tfm-s", 0x2d000, 123, "SPE"},
    {"nucleo-l552ze-q/tfm-ns", 0x9000, 124, "NSPE"},
};

void ExpectTfmLayout(const std::string& image, const std::string& payload,
                     const TfmImage& expected) {
  ASSERT_EQ(image.size(), expected.slot_size);
  EXPECT_EQ(Number(image, 0, 4), 0x96f3b83dU);
  EXPECT_EQ(Number(image, 8, 2), 0x400U);
  EXPECT_EQ(Number(image, 10, 2), expected.protected_size);
  EXPECT_EQ(Number(image, 12, 4), payload.size());
  EXPECT_EQ(image.substr(0x400, payload.size()), payload);
  // Protected TLVs with the boot record, whose text has its length before it.
  const std::size_t tlvs = 0x400 + payload.size();
  EXPECT_EQ(Number(image, tlvs, 2), 0x6908U);
  const std::string type = expected.software_type;
  EXPECT_THAT(
      image.substr(tlvs, expected.protected_size),
      HasSubstr(std::string{'\x01', static_cast<char>(0x60 + type.size())} +
                type));
  // SHA-256, the whole RSA-3072 key and its signature, each with its header.
  const std::size_t unprotected = tlvs + expected.protected_size;
  EXPECT_EQ(Number(image, unprotected, 2), 0x6907U);
  EXPECT_EQ(Number(image, unprotected + 2, 2), 4U + 36 + 4 + 398 + 4 + 384);
  // Upgrade pending, not confirmed: the magic, and erased flash before it.
  EXPECT_THAT(image, EndsWith("\xff\xff\xff\xff\xff\xff\xff\xff"
                              "\x77\xc2\x95\xf3\x60\xd2\xef\x7f"
                              "\x35\x52\x50\x0f\x2c\xb6\x79\x80"));
}

TEST(QuickstartPolicy, MakesTfmImagesWithTheLayoutThatTheirBootloaderReads) {
  const Quickstart quickstart;
  const Outcome run = quickstart.Run();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const std::string payload(9001, '\x5a');
  quickstart.Write("tfm.bin", payload);
  for (const TfmImage& tfm : kTfmImages) {
    const Outcome sign = quickstart.Shell(
        absl::StrCat("cd \"$2\"; target=", tfm.target,
                     "\nbootseal sign --target $target --version 1.3.0"
                     " -o tfm.img tfm.bin\n"
                     "bootseal explain --target $target tfm.img"));
    ASSERT_EQ(sign.exit_code, 0) << sign.out << sign.err;
    ExpectTfmLayout(quickstart.Read("tfm.img"), payload, tfm);
  }
}

std::string Without(std::string text, const std::string& from,
                    const std::string& to) {
  const std::size_t begin = text.find(from);
  const std::size_t end = to.empty() ? text.size() : text.find(to, begin);
  EXPECT_NE(begin, std::string::npos) << from;
  EXPECT_NE(end, std::string::npos) << to;
  return text.erase(begin, end - begin);
}

TEST(QuickstartPolicy, GetsWhatIsNewAndKeepsWhatTheUserWrote) {
  const Quickstart quickstart;
  const Outcome first = quickstart.Run();
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  // An installation from before the non-secure image and from before firmware
  // update, with an edit of its own; its server still runs.
  std::string policy = quickstart.Read("policy.textproto");
  policy = Without(policy, "targets {\n  name: \"nucleo-l552ze-q/tfm-ns\"", "");
  policy =
      Without(policy, "keys {\n  name: \"tfm-ns\"", "keys {\n  name: \"log\"");
  policy = absl::StrReplaceAll(policy,
                               {{"version: 1\n", "version: 7  # mine\n"},
                                {"slot_size: 0x80000", "slot_size: 0x70000"}});
  quickstart.Write("policy.textproto", policy);
  std::filesystem::remove(quickstart.File("keys/tfm-ns.der"));

  const Outcome second = quickstart.Run();
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_EQ(second.err,
            "added to the policy: keys \"tfm-ns\", keys \"update\", keys "
            "\"capsules\", keys \"rot\", targets \"nucleo-l552ze-q/tfm-ns\", targets "
            "\"stm32mp157/release\", targets \"stm32mp157/release-v1\", "
            "targets \"stm32mp157/capsule\", targets \"stm32mp157/fsbl\", "
            "targets \"stm32mp157/fip\", version 8\n");
  EXPECT_NE(Quickstart::ServerOf(second), Quickstart::ServerOf(first));
  const std::string grown = quickstart.Read("policy.textproto");
  EXPECT_THAT(grown, HasSubstr("version: 8  # mine\n"));
  const Outcome list = quickstart.Shell(
      "bootseal targets list; . \"$2/env.auditor\"; bootseal audit list");
  EXPECT_THAT(list.out, HasSubstr("0x70000"));
  EXPECT_THAT(list.out, HasSubstr("nucleo-l552ze-q/tfm-ns"));
  EXPECT_THAT(list.out, HasSubstr("version 8"));

  const Outcome third = quickstart.Run();
  ASSERT_EQ(third.exit_code, 0) << third.out << third.err;
  EXPECT_EQ(quickstart.Read("policy.textproto"), grown);
  EXPECT_EQ(Quickstart::ServerOf(third), Quickstart::ServerOf(second));
}

TEST(QuickstartPolicy, ThatCannotBeReadIsNamedAndLeftAsItIs) {
  const Quickstart quickstart;
  const std::string policy = "version: 3\nkeys { name: \"app\"\n";
  quickstart.Write("policy.textproto", policy);
  const Outcome run = quickstart.Run();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("policy.textproto ends within an entry"));
  EXPECT_THAT(run.out, Not(HasSubstr("bootseald")));
  EXPECT_EQ(quickstart.Read("policy.textproto"), policy);
}

}  // namespace
}  // namespace bootseal::tests
