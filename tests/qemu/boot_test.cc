// What was sealed boots; what has no key, no image or no place to start does
// not.
#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_format.h"
#include "firmware/image/algorithm.h"
#include "tests/qemu/bench.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::mcuboot::KeyFormat;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Product {
  const char* board;
  Algorithm algorithm;
  Crypto crypto = Crypto::kOwn;
};

std::string NameOf(const testing::TestParamInfo<Product>& info) {
  std::string name = std::string(info.param.board) + "_" +
                     image::TraitsOf(info.param.algorithm)->name;
  if (info.param.crypto == Crypto::kLibrary) name += "_library";
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

class EveryProduct : public testing::TestWithParam<Product> {};

TEST_P(EveryProduct, BootsWhatWasSealedForItAndRefusesAnotherSignature) {
  const auto [board, algorithm, crypto] = GetParam();
  const Device device(algorithm);
  const Bench bench(device, board, crypto);
  const std::string image = device.Seal(Payload(board));

  EXPECT_EQ(bench.Boot(image, "payload:"),
            "bootseal " + bench.name() +
                "\nslot 0: version 1.2.3+4, counter 7\n"
                "verified; starting at 0x10100400\n"
                "payload: hello from " +
                board + ", version 1.2.3+4\n");

  // The last byte of every algorithm's signature is part of a number.
  std::string tampered = image;
  tampered.back() = static_cast<char>(tampered.back() ^ 1);
  EXPECT_EQ(bench.Boot(tampered, "refused"),
            bench.Refusal(image::Error::kSignatureMismatch));
}

INSTANTIATE_TEST_SUITE_P(
    Firmware, EveryProduct,
    testing::Values(
        Product{"mps2-an505", Algorithm::kRsa2048},
        Product{"mps2-an505", Algorithm::kRsa3072},
        Product{"mps2-an505", Algorithm::kP256},
        Product{"mps2-an505", Algorithm::kP384},
        Product{"mps2-an505", Algorithm::kEd25519},
        Product{"mps2-an521", Algorithm::kRsa2048},
        Product{"mps2-an521", Algorithm::kRsa3072},
        Product{"mps2-an521", Algorithm::kP256},
        Product{"mps2-an521", Algorithm::kP384},
        Product{"mps2-an521", Algorithm::kEd25519},
        Product{"mps2-an505", Algorithm::kRsa2048, Crypto::kLibrary},
        Product{"mps2-an505", Algorithm::kRsa3072, Crypto::kLibrary},
        Product{"mps2-an505", Algorithm::kP256, Crypto::kLibrary},
        Product{"mps2-an505", Algorithm::kP384, Crypto::kLibrary},
        Product{"mps2-an505", Algorithm::kEd25519, Crypto::kLibrary},
        Product{"mps2-an521", Algorithm::kRsa3072, Crypto::kLibrary},
        Product{"mps2-an521", Algorithm::kP384, Crypto::kLibrary}),
    NameOf);

TEST(Firmware, BootsImagesThatCarryTheKeyWhoseHashIsProvisioned) {
  Device device(Algorithm::kP256);
  device.rules().key_format = KeyFormat::kFull;
  const Bench bench(device, "mps2-an505");
  EXPECT_THAT(bench.Boot(device.Seal(Payload("mps2-an505")), "payload:"),
              HasSubstr("payload: hello from mps2-an505"));

  Device other(Algorithm::kP256);
  other.rules().key_format = KeyFormat::kFull;
  EXPECT_EQ(bench.Boot(other.Seal(Payload("mps2-an505")), "refused"),
            bench.Refusal(image::Error::kKeyUnknown));
}

TEST(Firmware, BootsAnImageThatItsKeySignedItself) {
  Device device(Algorithm::kEd25519);
  device.SignImagesThemselves();
  const Bench bench(device, "mps2-an505");
  const std::string image = device.Seal(Payload("mps2-an505"));
  EXPECT_THAT(bench.Boot(image, "payload:"), HasSubstr("payload: hello"));

  std::string tampered = image;
  tampered.back() = static_cast<char>(tampered.back() ^ 1);
  EXPECT_EQ(bench.Boot(tampered, "refused"),
            bench.Refusal(image::Error::kSignatureMismatch));
  std::string unmarked = image;
  const std::string mark("\x25\x00\x01\x00\x01", 5);
  unmarked[unmarked.rfind(mark) + 4] = 0;
  EXPECT_EQ(bench.Boot(unmarked, "refused"),
            bench.Refusal(image::Error::kSignaturePure));
}

TEST(Firmware, RefusesAnImageSignedItselfWhereTheDigestIsSigned) {
  Device device(Algorithm::kEd25519);
  const Bench bench(device, "mps2-an505");
  device.SignImagesThemselves();
  const std::string image = device.Seal(Payload("mps2-an505"));
  EXPECT_THAT(bench.Boot(image, "refused"), HasSubstr("refused"));
}

TEST(Firmware, RefusesEverythingWithoutAProvisionedKey) {
  const Device device(Algorithm::kP256);
  const TemporaryFolder folder;
  const std::string image = folder.File("image");
  WriteFile(image, device.Seal(Payload("mps2-an505")));
  for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
    const std::string name = traits.name;
    const std::string text =
        UartOf({"mps2-an505",
                BOOTSEAL_BUILD_DIR "/firmware/mps2-an505/boot-mps2-an505-" +
                    name + ".elf",
                image},
               "refused");
    EXPECT_THAT(text, HasSubstr("bootseal mps2-an505 " + name +
                                "\nbootseal: refused: no key provisioned (0x"));
    EXPECT_THAT(text, Not(HasSubstr("payload")));
  }
}

TEST(Firmware, SaysItsRefusalInACodeAloneWhereThatIsLinked) {
  Device device(Algorithm::kP256);
  device.ProvisionWith({"--log", "codes"});
  const Bench bench(device, "mps2-an505");
  const std::string empty(0x1000, '\xff');
  EXPECT_EQ(bench.Boot(empty, "refused"),
            absl::StrFormat("bootseal: refused: 0x%08x\n",
                            static_cast<unsigned>(image::Error::kHeaderMagic)));
  EXPECT_THAT(bench.Boot(device.Seal(Payload("mps2-an505")), "payload: hello"),
              StartsWith("payload: hello"));
}

TEST(Firmware, SaysNothingWhereNoLogIsLinkedAndStartsTheImage) {
  Device device(Algorithm::kP256);
  device.ProvisionWith({"--log", "none"});
  const Bench bench(device, "mps2-an505");
  EXPECT_THAT(bench.Boot(device.Seal(Payload("mps2-an505")), "payload: hello"),
              StartsWith("payload: hello"));
}

TEST(Firmware, RefusesAnEmptySlot) {
  const Device device(Algorithm::kP256);
  const Bench bench(device, "mps2-an505");
  EXPECT_EQ(bench.Boot(std::string(64, '\0'), "refused"),
            bench.Refusal(image::Error::kHeaderMagic));
  EXPECT_EQ(bench.Boot(std::string(0x80000, '\xff'), "refused"),
            bench.Refusal(image::Error::kHeaderMagic));
}

// Genuine, but not linked for this slot, or with its stack in no memory.
TEST(Firmware, RefusesAGenuineImageWhoseVectorsPointElsewhere) {
  const Device device(Algorithm::kP256);
  const Bench bench(device, "mps2-an505");
  struct Vectors {
    std::uint32_t stack;
    std::uint32_t reset;
  };
  constexpr std::uint32_t kStack = 0x38002000;
  constexpr std::uint32_t kReset = 0x10100411;
  const std::string good = Payload("mps2-an505");
  const auto end = 0x10100400 + static_cast<std::uint32_t>(good.size());
  for (const Vectors& vectors :
       {Vectors{kStack, 0x10100410},       // Arm state
        Vectors{kStack, 0x10100401},       // the vector table itself
        Vectors{kStack, 0x00000411},       // linked for address 0
        Vectors{kStack, 0x10000401},       // the bootloader
        Vectors{kStack, 0x10180001},       // after the slot
        Vectors{kStack, end | 1},          // the protected TLVs
        Vectors{kStack, (end | 1) + 200},  // TLVs that nobody signed
        Vectors{0x20000000, kReset},       // no RAM there
        Vectors{0x38000000, kReset},       // RAM is above it
        Vectors{0x38002004, kReset}}) {    // not a multiple of 8
    std::string payload = good;
    for (int i = 0; i < 4; ++i) {
      payload[static_cast<std::size_t>(i)] =
          static_cast<char>(vectors.stack >> (8 * i));
      payload[static_cast<std::size_t>(4 + i)] =
          static_cast<char>(vectors.reset >> (8 * i));
    }
    EXPECT_THAT(bench.Boot(device.Seal(payload), "refused"),
                EndsWith(bench.RefusalLine(image::Error::kVectorTable)))
        << std::hex << vectors.stack << " " << vectors.reset;
  }
}

}  // namespace
}  // namespace bootseal::tests
