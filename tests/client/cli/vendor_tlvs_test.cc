#include "client/cli/vendor_tlvs.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "client/cli/exit_status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_image.h"

namespace bootseal::cli {
namespace {

using tests::StatusIs;

TEST(VendorTlvs, AreBytesTextOrAFile) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.File("value");
  ASSERT_OK(base::WriteFileAtomically(path, std::string("a=b\0c", 5)));
  const auto tlvs =
      ReadVendorTlvs({"0xa5=0x0102", "166=x=y", "0xa7=@" + path, "0xfffe="});
  ASSERT_OK(tlvs);
  ASSERT_EQ(tlvs->size(), 4U);
  EXPECT_EQ((*tlvs)[0].type(), 0xa5U);
  EXPECT_EQ((*tlvs)[0].value(), "\x01\x02");
  EXPECT_EQ((*tlvs)[1].type(), 166U);
  EXPECT_EQ((*tlvs)[1].value(), "x=y");
  EXPECT_EQ((*tlvs)[2].value(), std::string("a=b\0c", 5));
  EXPECT_EQ((*tlvs)[3].value(), "");
}

TEST(VendorTlvs, ThatAreNoneAreUsageErrors) {
  for (const char* argument : {"", "0xa5", "=x", "0x50=x", "0xffff=x", "a5=x",
                               "0xa5=0x1", "0xa5=0xzz"}) {
    const auto tlvs = ReadVendorTlvs({argument});
    ASSERT_FALSE(tlvs.ok()) << argument;
    EXPECT_EQ(ExitStatusOf(tlvs.status()), ExitStatus::kUsage) << argument;
  }
}

TEST(VendorTlvs, OfAFileThatIsNotThereAreAFileError) {
  const auto tlvs = ReadVendorTlvs({"0xa5=@/nowhere/value"});
  ASSERT_FALSE(tlvs.ok());
  EXPECT_EQ(ExitStatusOf(tlvs.status()), ExitStatus::kLocalFile);
}

class Found : public testing::Test {
 protected:
  Found() {
    v1::VendorTlv& own = *target_.mutable_mcuboot()->add_vendor_tlvs();
    own.set_type(0xa0);
    own.set_value("own");
    v1::VendorTlv& asked = *header_.add_vendor_tlvs();
    asked.set_type(0xa5);
    asked.set_value("asked");
  }
  absl::Status Check(const std::vector<tests::RawTlv>& tlvs) const {
    const std::string area = tests::Area(image::mcuboot::kProtectedMagic, tlvs);
    return CheckVendorTlvs(target_, header_, image::host::AsBytes(area));
  }

  v1::Target target_;
  v1::SignHeader header_;
};

TEST_F(Found, AreTheTargetsAndThenTheRequests) {
  EXPECT_OK(Check({{0x50, "0001"}, {0xa0, "own"}, {0xa5, "asked"}}));
}

TEST_F(Found, AreNotFewerMoreOthersOrInAnotherOrder) {
  const std::vector<std::vector<tests::RawTlv>> others{
      {},
      {{0xa0, "own"}},
      {{0xa5, "asked"}},
      {{0xa5, "asked"}, {0xa0, "own"}},
      {{0xa0, "own"}, {0xa5, "Asked"}},
      {{0xa0, "own"}, {0xa6, "asked"}},
      {{0xa0, "own"}, {0xa5, "asked"}, {0xa6, ""}}};
  for (const auto& tlvs : others) {
    EXPECT_THAT(Check(tlvs), StatusIs(absl::StatusCode::kFailedPrecondition,
                                      "REPLY_MISMATCH"));
  }
}

}  // namespace
}  // namespace bootseal::cli
