// Every error code has its kind of reason, and what is no code is a fault.
#include "firmware/boot/blinks.h"

#include <gtest/gtest.h>

#include <map>

namespace bootseal::tests {
namespace {

using boot::Blinks;
using boot::BlinksFor;
using image::Error;

TEST(Blinks, TellWhatKindOfReasonItIs) {
  const std::map<Error, Blinks> kinds = {
      {Error::kTruncated, Blinks::kImage},
      {Error::kHeaderReserved, Blinks::kImage},
      {Error::kNonBootable, Blinks::kImage},
      {Error::kVectorTable, Blinks::kImage},
      {Error::kDigestMissing, Blinks::kSignature},
      {Error::kSignatureMismatch, Blinks::kSignature},
      {Error::kSignaturePure, Blinks::kSignature},
      {Error::kSecurityCounterMissing, Blinks::kNotAllowed},
      {Error::kSecurityCounterLow, Blinks::kNotAllowed},
      {Error::kDecompression, Blinks::kNotAllowed},
      {Error::kUnsupported, Blinks::kRules},
      {Error::kRules, Blinks::kRules},
      {Error::kFault, Blinks::kFault},
      {Error::kProofLength, Blinks::kTransparency},
      {Error::kEntryDigest, Blinks::kTransparency},
      {Error::kReceiptMissing, Blinks::kTransparency},
      {Error::kReceiptKey, Blinks::kTransparency},
      {Error::kStorage, Blinks::kStorage},
  };
  for (const auto& [error, blinks] : kinds) {
    EXPECT_EQ(BlinksFor(error), blinks) << image::Text(error);
  }
}

TEST(Blinks, TakeWhatIsNoErrorForAFault) {
  EXPECT_EQ(BlinksFor(Error::kOk), Blinks::kFault);
  EXPECT_EQ(BlinksFor(Error::kUpdateState), Blinks::kFault);
  EXPECT_EQ(BlinksFor(static_cast<Error>(0xffffffff)), Blinks::kFault);
}

TEST(Blinks, AreThoseOfTransparencyForEveryFlawOfAReceipt) {
#define BOOTSEAL_TEST_ERROR(name, index, text) \
  EXPECT_EQ(BlinksFor(Error::name), Blinks::kTransparency) << (text);
  BOOTSEAL_RECEIPT_ERRORS(BOOTSEAL_TEST_ERROR)
#undef BOOTSEAL_TEST_ERROR
}

TEST(Blinks, AreThoseOfAFaultForNothingElseThatABootloaderSays) {
#define BOOTSEAL_TEST_ERROR(name, index, text)                         \
  EXPECT_EQ(BlinksFor(Error::name) == Blinks::kFault,                  \
            Error::name == Error::kFault || Error::name == Error::kOk) \
      << (text);
  BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_TEST_ERROR)
#undef BOOTSEAL_TEST_ERROR
}

TEST(Blinks, FindTheIndexOfEveryCodeWord) {
  for (std::uint32_t index = 0; index <= 0xffff; ++index) {
    ASSERT_EQ(boot::IndexOf(image::CodeWord(static_cast<std::uint16_t>(index))),
              index);
  }
}

}  // namespace
}  // namespace bootseal::tests
