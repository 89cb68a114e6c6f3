// What the second stage says when its own code goes wrong, and that nothing
// starts then.
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "tests/qemu/second_stage_case.h"
#include "tests/support/process.h"

namespace bootseal::tests {
namespace {

constexpr char kChooseBank[] =
    "bootseal::second_stage::ChooseBank(bootseal::second_stage::Report&)";

std::string ElfPath() {
  return absl::StrCat(BOOTSEAL_BUILD_DIR, "/firmware/", StandIn().name,
                      "/second-stage-", StandIn().name, "-p256.elf");
}

// Of a function, by its name in C++, without its Thumb bit.
std::uint32_t AddressOf(const std::string& function) {
  const Outcome symbols = Run({"arm-none-eabi-nm", "--demangle", ElfPath()});
  for (const absl::string_view line : absl::StrSplit(symbols.out, '\n')) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 2));
    std::uint32_t address = 0;
    if (words.size() == 3 && words[2] == function &&
        absl::SimpleHexAtoi(words[0], &address)) {
      return address & ~1u;
    }
  }
  ADD_FAILURE() << "no function " << function;
  return 0;
}

// The build's bootloader with other code at the start of a function. The code
// is the first thing of the ELF that is loaded (memory.ld).
std::string Patched(const std::string& function, const std::string& code) {
  std::string elf = *base::ReadFile(ElfPath(), 16 << 20);
  const Outcome headers = Run({"arm-none-eabi-readelf", "-lW", ElfPath()});
  std::uint32_t offset = 0;
  for (const absl::string_view line : absl::StrSplit(headers.out, '\n')) {
    const std::vector<std::string> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 2 && words[0] == "LOAD" && offset == 0) {
      EXPECT_TRUE(absl::SimpleHexAtoi(words[1], &offset));
      EXPECT_EQ(words[2], "0x8f800000");
    }
  }
  return elf.replace(offset + AddressOf(function) - 0x8f800000, code.size(),
                     code);
}

// movw r2, #low; movt r2, #high (ARM DDI 0406C, A8.8.102 T3, A8.8.106 T1).
std::string MoveTo2(std::uint32_t value) {
  std::string code;
  for (const std::uint32_t opcode : {0xf240u, 0xf2c0u}) {
    const std::uint32_t half = opcode == 0xf240u ? value & 0xffff : value >> 16;
    const std::uint32_t first = opcode | (half >> 11 & 1) << 10 | half >> 12;
    const std::uint32_t second = (half >> 8 & 7) << 12 | 2 << 8 | (half & 0xff);
    for (const std::uint32_t word : {first, second}) {
      code += static_cast<char>(word & 0xff);
      code += static_cast<char>(word >> 8);
    }
  }
  return code;
}

struct Case {
  std::string name;
  std::string code;  // Thumb
  std::string words;
  std::uint32_t at;  // bytes from the start of `code`
  std::string details;
};

class SecondStageFault : public testing::TestWithParam<Case> {};

TEST_P(SecondStageFault, IsNamedAndStartsNothing) {
  const Case& each = GetParam();
  PackageDevice device(StandIn(), TwoReleases(StandIn()));
  ASSERT_EQ(base::WriteFileAtomically(device.File("patched.elf"),
                                      Patched(kChooseBank, each.code)),
            absl::OkStatus());
  device.UseBootloader(device.File("patched.elf"));
  const std::string log = device.Boot("bootseal: fault");
  EXPECT_THAT(log, HasSubstr(absl::StrFormat(
                       "\nbootseal: fault: %s at 0x%08x, %s\n", each.words,
                       AddressOf(kChooseBank) + each.at, each.details)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
}

INSTANTIATE_TEST_SUITE_P(
    Of, SecondStageFault,
    testing::Values(
        Case{"undefined", std::string("\x00\xde", 2),  // udf #0
             "undefined instruction", 0,
             "status 0x00000000, address 0x00000000"},
        Case{"supervisor_call", std::string("\x00\xdf", 2),  // svc 0
             "supervisor call", 0, "status 0x00000000, address 0x00000000"},
        // movs r0, #1; ldr r0, [r0]: status 1, alignment
        Case{"data_abort", std::string("\x01\x20\x00\x68", 4), "data abort", 2,
             "status 0x00000001, address 0x00000001"}),
    [](const auto& each) { return each.param.name; });

// Whatever went before, the jump looks again: the choice of the bank is
// replaced by one that hands back kOk, and nothing that a verifier made.
TEST(SecondStageJump, RefusesWhatNoVerifierSealed) {
  PackageDevice device(StandIn(), TwoReleases(StandIn()));
  // The result lies where r0 points to, its error in front: str r2, [r0]; bx lr
  const std::string code =
      MoveTo2(static_cast<std::uint32_t>(Error::kOk)) + "\x02\x60\x70\x47";
  ASSERT_EQ(base::WriteFileAtomically(device.File("patched.elf"),
                                      Patched(kChooseBank, code)),
            absl::OkStatus());
  device.UseBootloader(device.File("patched.elf"));
  const std::string log = device.Boot("bootseal: refused");
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kFault)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
}

}  // namespace
}  // namespace bootseal::tests
