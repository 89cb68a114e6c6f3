#include "firmware/image/mcuboot/verifier.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "firmware/image/host/convert.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::mcuboot;

constexpr Dependency kDependency{1, {1, 0, 0, 0}};

// Counter, boot record and dependency, as a TF-M target wants them.
ProtectedTlvs AllTlvs() {
  return {.has_security_counter = true,
          .security_counter = 5,
          .software_type = AsBytes("SPE"),
          .dependencies = std::span(&kDependency, 1),
          .vendor = {}};
}

void DemandAll(Rules& rules) {
  rules.security_counter = Presence::kRequired;
  rules.minimum_security_counter = 5;
  rules.security_counter_ceiling = 512;
  rules.boot_record = Presence::kRequired;
  rules.software_type = AsBytes("SPE");
  rules.dependency = Presence::kRequired;
  rules.image_count = 2;
}

class VerifierAccepts : public testing::TestWithParam<Algorithm> {};

TEST_P(VerifierAccepts, WhatOurWriterMakes) {
  const TestTarget target(SharedKey(GetParam()));
  const std::string image = MakeImage(target, TestPayload(1000), {});
  const auto verdict = Verify(target.rules, AsBytes(image));
  ASSERT_EQ(NameOf(verdict.error()), "OK");
  EXPECT_TRUE(verdict->intact());
  EXPECT_EQ(verdict->payload_offset(), 0x20U);
  EXPECT_EQ(verdict->end(), image.size());
  EXPECT_EQ(verdict->version(), (Version{1, 2, 3, 4}));
}

TEST_P(VerifierAccepts, TheFullKeyWithItsHashAlone) {
  TestTarget target(SharedKey(GetParam()));
  target.rules.key_format = KeyFormat::kFull;
  const std::string image = MakeImage(target, TestPayload(64), {});
  target.rules.public_key = {};
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(image)).error()), "OK");
}

TEST_P(VerifierAccepts, EveryTlvThatTheTargetDemands) {
  TestTarget target(SharedKey(GetParam()));
  const std::string image = MakeImage(target, TestPayload(64), AllTlvs());
  DemandAll(target.rules);
  const auto verdict = Verify(target.rules, AsBytes(image));
  ASSERT_EQ(NameOf(verdict.error()), "OK");
  EXPECT_EQ(verdict->security_counter(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, VerifierAccepts,
                         testing::Values(Algorithm::kRsa2048,
                                         Algorithm::kRsa3072, Algorithm::kP256,
                                         Algorithm::kP384,
                                         Algorithm::kEd25519));

TEST(VerifierAccepts, TheDigestAnywhereAroundKeyAndSignature) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  std::swap(parts.unprotected[0], parts.unprotected[1]);
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(Join(parts))).error()), "OK");
  std::swap(parts.unprotected[1], parts.unprotected[2]);
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(Join(parts))).error()), "OK");
}

TEST(VerifierAccepts, BytesAfterTheImage) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  const std::string image = MakeImage(target, TestPayload(64), {}) + "trailer";
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(image)).error()), "OK");
}

TEST(VerifierAccepts, UnprotectedVendorTlvsOnlyWithoutAnAllowList) {
  TestTarget target(SharedKey(Algorithm::kP256));
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  parts.unprotected.push_back({0xa0, "receipt"});
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(Join(parts))).error()), "OK");
  target.rules.allow_list = true;
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(Join(parts))).error()),
            "TLV_NOT_ALLOWED");
}

TEST(VerifierAccepts, AnImageThatRunsWhereItIsLoaded) {
  TestTarget target(SharedKey(Algorithm::kP256));
  target.rules.strategy = Strategy::kRamLoad;
  target.rules.load_address = 0x20010000;
  std::string payload = TestPayload(64);
  payload.replace(4, 4, std::string("\x29\x00\x01\x20", 4));
  ImageParts parts = MakeParts(target, payload, {});
  parts.header.load_address = 0x20010000;
  parts.header.flags = flags::kRamLoad;
  SignAgain(target, parts);
  EXPECT_EQ(NameOf(Verify(target.rules, AsBytes(Join(parts))).error()), "OK");
}

TEST(Verifier, RefusesEveryImageOfAnotherKey) {
  const SigningKey other(Algorithm::kP256);
  const TestTarget theirs(other);
  const TestTarget ours(SharedKey(Algorithm::kP256));
  ImageParts parts = MakeParts(theirs, TestPayload(64), {});
  EXPECT_EQ(NameOf(Verify(ours.rules, AsBytes(Join(parts))).error()),
            "KEY_UNKNOWN");
  parts.unprotected[1].value = ToString(ours.rules.key_hash);
  EXPECT_EQ(NameOf(Verify(ours.rules, AsBytes(Join(parts))).error()),
            "SIGNATURE_MISMATCH");
}

TEST(Verifier, RefusesTheFullKeyOfSomebodyElse) {
  const SigningKey other(Algorithm::kP256);
  TestTarget theirs(other);
  theirs.rules.key_format = KeyFormat::kFull;
  TestTarget ours(SharedKey(Algorithm::kP256));
  ours.rules.key_format = KeyFormat::kFull;
  const std::string image = MakeImage(theirs, TestPayload(64), {});
  for (const Bytes pinned : {ours.rules.public_key, Bytes()}) {
    ours.rules.public_key = pinned;
    EXPECT_EQ(NameOf(Verify(ours.rules, AsBytes(image)).error()),
              "KEY_UNKNOWN");
  }
}

}  // namespace
}  // namespace bootseal::tests
