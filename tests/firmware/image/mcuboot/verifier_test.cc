#include "firmware/image/mcuboot/verifier.h"

#include <gtest/gtest.h>

#include "firmware/image/host/convert.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;

class VerifierAccepts : public testing::TestWithParam<Algorithm> {};

TEST_P(VerifierAccepts, WhatOurWriterMakes) {
  const TestTarget target(SharedKey(GetParam()));
  const std::string image = MakeImage(target, TestPayload(1000), {});
  const auto verdict = image::mcuboot::Verify(target.rules, AsBytes(image));
  ASSERT_EQ(NameOf(verdict.error()), "OK");
  EXPECT_TRUE(verdict->intact());
  EXPECT_EQ(verdict->payload_offset(), 0x20U);
  EXPECT_EQ(verdict->end(), image.size());
}

INSTANTIATE_TEST_SUITE_P(Algorithms, VerifierAccepts,
                         testing::Values(Algorithm::kRsa2048,
                                         Algorithm::kRsa3072, Algorithm::kP256,
                                         Algorithm::kP384,
                                         Algorithm::kEd25519));

TEST(Verifier, RefusesAFlippedPayloadBit) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  std::string image = MakeImage(target, TestPayload(1000), {});
  image[0x20 + 500] = static_cast<char>(image[0x20 + 500] ^ 1);
  const auto verdict = image::mcuboot::Verify(target.rules, AsBytes(image));
  EXPECT_EQ(NameOf(verdict.error()), "DIGEST_MISMATCH");
  EXPECT_FALSE(verdict->intact());
}

}  // namespace
}  // namespace bootseal::tests
