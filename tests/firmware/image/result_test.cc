#include "firmware/image/result.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::Error;

struct Named {
  const char* name;
  Error error;
};

const std::vector<Named>& AllErrors() {
  static const auto* errors = new std::vector<Named>{
#define BOOTSEAL_NAMED(name, index, text) {#name, Error::name},
      BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_NAMED)
          BOOTSEAL_RECEIPT_ERRORS(BOOTSEAL_NAMED)
          BOOTSEAL_TRANSPARENCY_ERRORS(BOOTSEAL_NAMED)
          BOOTSEAL_UPDATE_ERRORS(BOOTSEAL_NAMED)
              BOOTSEAL_PACKAGE_ERRORS(BOOTSEAL_NAMED)
#undef BOOTSEAL_NAMED
  };
  return *errors;
}

int Distance(std::uint32_t a, std::uint32_t b) { return std::popcount(a ^ b); }

TEST(ErrorCodes, DifferInAtLeastEightBits) {
  for (const Named& a : AllErrors()) {
    for (const Named& b : AllErrors()) {
      if (a.error == b.error && std::string(a.name) == b.name) continue;
      EXPECT_GE(Distance(static_cast<std::uint32_t>(a.error),
                         static_cast<std::uint32_t>(b.error)),
                8)
          << a.name << " and " << b.name;
    }
  }
}

TEST(ErrorCodes, AreFarFromWordsThatAFaultLeaves) {
  for (const Named& named : AllErrors()) {
    for (const std::uint32_t word : {0U, 1U, ~0U}) {
      EXPECT_GE(Distance(static_cast<std::uint32_t>(named.error), word), 6)
          << named.name;
    }
  }
}

TEST(ErrorCodes, EveryWordOfTheCodeKeepsItsDistance) {
  // The code is linear: the smallest weight is the smallest distance.
  for (std::uint32_t index = 1; index <= 0xffff; ++index) {
    ASSERT_GE(std::popcount(image::CodeWord(static_cast<std::uint16_t>(index))),
              8)
        << index;
  }
}

TEST(ErrorCodes, HaveNamesAndTextsOfTheirOwn) {
  std::set<std::string> names;
  std::set<std::string> texts;
  for (const Named& named : AllErrors()) {
    names.insert(image::host::NameOf(named.error));
    texts.insert(image::Text(named.error));
  }
  EXPECT_EQ(names.size(), AllErrors().size());
  EXPECT_EQ(texts.size(), AllErrors().size());
}

TEST(ErrorCodes, OfUpdatesHaveNoTextInABootloaderWithoutBanks) {
  EXPECT_STREQ(image::ImageText(Error::kDer), image::Text(Error::kDer));
  EXPECT_STREQ(image::ImageText(Error::kNoBank), "unknown error");
}

TEST(ErrorCodes, OutsideTheListAreUnknown) {
  EXPECT_STREQ(image::ImageText(static_cast<Error>(12345)), "unknown error");
  EXPECT_STREQ(image::Text(static_cast<Error>(12345)), "unknown error");
  EXPECT_EQ(image::host::NameOf(static_cast<Error>(12345)), "UNKNOWN");
}

}  // namespace
}  // namespace bootseal::tests
