// The payload's first two words, where the target says which addresses there
// are. TestPayload has stack 0x20008000 and reset vector 0x101; the header has
// 0x20 bytes.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::AsBytes;
using image::host::NameOf;
using namespace image::mcuboot;

struct VectorCase {
  const char* name;
  Error verdict;
  std::function<void(Rules&)> rules;
  std::string vectors;  // replaces those of TestPayload
};

std::ostream& operator<<(std::ostream& out, const VectorCase& one) {
  return out << one.name;
}

void HasAddresses(Rules& rules) {
  rules.slot_address = 0x60;
  rules.ram_address = 0x20000000;
  rules.ram_size = 0x8000;
}

std::string Words(std::uint32_t stack, std::uint32_t reset) {
  std::string text;
  for (const std::uint32_t word : {stack, reset}) {
    for (int i = 0; i < 4; ++i) {
      text.push_back(static_cast<char>(word >> (8 * i) & 0xff));
    }
  }
  return text;
}

class Vectors : public testing::TestWithParam<VectorCase> {};

TEST_P(Vectors, GiveTheVerdict) {
  TestTarget target(SharedKey(image::Algorithm::kEd25519));
  GetParam().rules(target.rules);
  std::string payload = TestPayload(256);
  payload.replace(0, GetParam().vectors.size(), GetParam().vectors);
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(MakeImage(target, payload, {})))
                       .error()),
            NameOf(GetParam().verdict));
}

constexpr std::uint32_t kStack = 0x20008000;

INSTANTIATE_TEST_SUITE_P(
    Addresses, Vectors,
    testing::Values(
        VectorCase{"fitting", Error::kOk, HasAddresses, ""},
        VectorCase{"anything where the target tells no address", Error::kOk,
                   [](Rules&) {}, Words(0, 0)},
        VectorCase{"linked for another slot", Error::kVectorTable,
                   [](Rules& rules) { rules.slot_address = 0x10100000; }, ""},
        VectorCase{"where no vector table can be", Error::kVectorTable,
                   [](Rules& rules) { rules.slot_address = 0xa0; }, ""},
        VectorCase{"all zero", Error::kVectorTable, HasAddresses, Words(0, 0)},
        VectorCase{"ARM code", Error::kVectorTable, HasAddresses,
                   Words(kStack, 0x100)},
        VectorCase{"first instruction behind the table", Error::kOk,
                   HasAddresses, Words(kStack, 0x89)},
        VectorCase{"first instruction inside the vectors", Error::kVectorTable,
                   HasAddresses, Words(kStack, 0x87)},
        VectorCase{"last instruction of the payload", Error::kOk, HasAddresses,
                   Words(kStack, 0x17f)},
        VectorCase{"first instruction behind the payload", Error::kVectorTable,
                   HasAddresses, Words(kStack, 0x181)},
        VectorCase{"stack at the end of the memory", Error::kOk, HasAddresses,
                   Words(0x20008000, 0x101)},
        VectorCase{"stack beyond the memory", Error::kVectorTable, HasAddresses,
                   Words(0x20008008, 0x101)},
        VectorCase{"stack at the start of the memory", Error::kVectorTable,
                   HasAddresses, Words(0x20000000, 0x101)},
        VectorCase{"stack below the memory", Error::kVectorTable, HasAddresses,
                   Words(0x1ffffff8, 0x101)},
        VectorCase{"stack out of line", Error::kVectorTable, HasAddresses,
                   Words(0x20007ffc, 0x101)},
        VectorCase{"erased flash", Error::kVectorTable, HasAddresses,
                   Words(0xffffffff, 0xffffffff)}));

}  // namespace
}  // namespace bootseal::tests
