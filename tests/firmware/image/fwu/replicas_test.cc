#include "firmware/image/fwu/replicas.h"

#include <gtest/gtest.h>

#include <string>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::NameOf;
using namespace image::fwu;

class Replicas : public testing::TestWithParam<std::uint32_t> {
 protected:
  static std::string Of(std::uint32_t active, char tail = 0) {
    Metadata metadata = FactoryMetadata(GetParam());
    metadata.active = active;
    metadata.previous = 1 - active;
    std::string bytes = Written(metadata);
    bytes.resize(512, tail);
    return bytes;
  }
  static std::string Torn(std::string bytes) {
    bytes[9] ^= 1;
    return bytes;
  }
  static image::Result<Chosen> Choose(const std::string& primary,
                                      const std::string& secondary) {
    return ChooseReplica(AsBytes(primary), AsBytes(secondary), {2, 1});
  }
};

TEST_P(Replicas, ThatAreEqualNeedNoRepair) {
  const std::string first = Of(0);
  const std::string second = Of(0);
  const auto chosen = Choose(first, second);
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen->from, Replica::kPrimary);
  EXPECT_EQ(NameOf(chosen->other), "OK");
}

TEST_P(Replicas, AreComparedUpToTheirEndAlone) {
  const std::string first = Of(0, '\0');
  const std::string second = Of(0, '\x77');
  EXPECT_EQ(NameOf(Choose(first, second)->other), "OK");
}

TEST_P(Replicas, AValidPrimaryWins) {
  const std::string old = Of(0);
  const std::string newer = Of(1);
  for (const bool new_first : {false, true}) {
    const auto chosen = new_first ? Choose(newer, old) : Choose(old, newer);
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(chosen->from, Replica::kPrimary);
    EXPECT_EQ(chosen->read.metadata.active, new_first ? 1u : 0u);
    EXPECT_EQ(NameOf(chosen->other), "REPLICA_DIFFERS");
  }
}

TEST_P(Replicas, ASecondaryStandsInForATornPrimary) {
  const std::string torn = Torn(Of(0));
  const std::string good = Of(1);
  const auto chosen = Choose(torn, good);
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen->from, Replica::kSecondary);
  EXPECT_EQ(chosen->read.metadata.active, 1u);
  EXPECT_EQ(NameOf(chosen->other), "METADATA_CRC");
}

TEST_P(Replicas, ATornSecondaryIsNamed) {
  const std::string good = Of(0);
  const std::string erased(512, '\xff');
  const auto chosen = Choose(good, erased);
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen->from, Replica::kPrimary);
  EXPECT_EQ(NameOf(chosen->other), "METADATA_VERSION");
}

TEST_P(Replicas, BothTornAreNeverTaken) {
  const std::string torn = Torn(Of(0));
  EXPECT_EQ(NameOf(Choose(torn, torn).error()), "METADATA_CRC");
  EXPECT_EQ(NameOf(Choose("", torn).error()), "TRUNCATED");
}

INSTANTIATE_TEST_SUITE_P(Versions, Replicas, testing::Values(0u, 1u, 2u));

TEST(ReplicasOfVersion2, DifferInVendorDataToo) {
  const std::string plain = Written(FactoryMetadata(2));
  const std::string vendor = Written(FactoryMetadata(2), "VEND!");
  const auto chosen = ChooseReplica(AsBytes(plain), AsBytes(vendor), {2, 1});
  EXPECT_EQ(NameOf(chosen->other), "REPLICA_DIFFERS");
}

TEST(ReplicasOfTwoVersions, Differ) {
  const std::string one = Written(FactoryMetadata(1));
  const std::string two = Written(FactoryMetadata(2));
  const auto chosen = ChooseReplica(AsBytes(one), AsBytes(two), {2, 1});
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen->read.metadata.version, 1u);
  EXPECT_EQ(NameOf(chosen->other), "REPLICA_DIFFERS");
}

}  // namespace
}  // namespace bootseal::tests
