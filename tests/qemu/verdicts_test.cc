// The corpus of tests/firmware/crypto on the boards themselves: with the DSP
// extension's arithmetic on mps2-an505, and with portable arithmetic on
// mps2-an521. The host cannot run the first.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/algorithm.h"
#include "tests/firmware/crypto/corpus.h"
#include "tests/qemu/bench.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;

std::string Number(std::size_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(value >> shift & 0xff);
  }
  return bytes;
}

std::string SlotOf(const std::vector<CryptoCase>& corpus) {
  std::string slot = Number(corpus.size());
  for (const CryptoCase& c : corpus) {
    absl::StrAppend(&slot, Number(c.public_key.size()), Number(c.digest.size()),
                    Number(c.signature.size()), c.public_key, c.digest,
                    c.signature);
  }
  return slot;
}

std::string ExpectedOf(const std::vector<CryptoCase>& corpus) {
  std::string lines;
  for (const CryptoCase& c : corpus) {
    absl::StrAppendFormat(&lines, "0x%08x\n",
                          static_cast<std::uint32_t>(c.verdict));
  }
  return lines + "done\n";
}

void ExpectVerdicts(Algorithm algorithm, Crypto crypto) {
  const std::vector<CryptoCase> corpus = CryptoCorpus(algorithm);
  for (const char* board : {"mps2-an505", "mps2-an521"}) {
    const Device device(algorithm);
    const TemporaryFolder folder;
    WriteFile(folder.File("cases"), SlotOf(corpus));
    const std::string elf = folder.File("verdicts.elf");
    const std::string program = absl::StrCat(
        device.RulesSource(), "#include \"firmware/image/crypto.h\"\n",
        "constexpr auto kAlgorithm = static_cast<bootseal::image::Algorithm>(",
        static_cast<int>(algorithm), ");\n",
        "#include \"tests/qemu/verdicts_main.cc\"\n");
    ASSERT_EQ(device.ProvisionFrom(program, board, elf, crypto), "");
    EXPECT_EQ(UartOf({board, elf, folder.File("cases")}, "done",
                     std::chrono::seconds(120)),
              ExpectedOf(corpus))
        << board;
  }
}

TEST(VerdictsOnBoards, OfEd25519AreThoseOfTheCorpus) {
  ExpectVerdicts(Algorithm::kEd25519, Crypto::kOwn);
}

TEST(VerdictsOnBoards, OfEd25519WithLibsodiumAreThoseOfTheCorpus) {
  ExpectVerdicts(Algorithm::kEd25519, Crypto::kLibrary);
}

TEST(VerdictsOnBoards, OfP256AreThoseOfTheCorpus) {
  ExpectVerdicts(Algorithm::kP256, Crypto::kOwn);
}

}  // namespace
}  // namespace bootseal::tests
