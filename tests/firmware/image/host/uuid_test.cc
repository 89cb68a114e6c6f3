#include "firmware/image/host/uuid.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"

namespace bootseal::tests {
namespace {

using image::host::ClassUuid;
using image::host::FormatUuid;
using image::host::ParseUuid;
using image::host::VendorUuid;

constexpr char kText[] = "0637e301-e05d-505b-8267-486f5677de9b";

// Made by imgtool 2.4: --vid acme.example --cid board-1.
TEST(Uuid, OfANameIsImgtools) {
  const std::string vendor = VendorUuid("acme.example");
  EXPECT_EQ(FormatUuid(vendor), kText);
  EXPECT_EQ(FormatUuid(ClassUuid("board-1", vendor).value_or("")),
            "e398ebfb-49d6-5a0a-abb8-deb5668107d1");
}

TEST(Uuid, OfAUuidIsItself) {
  EXPECT_EQ(FormatUuid(VendorUuid(kText)), kText);
  EXPECT_EQ(FormatUuid(VendorUuid("0637E301E05D505B8267486F5677DE9B")), kText);
  EXPECT_EQ(FormatUuid(ClassUuid(kText, "").value_or("")), kText);
}

TEST(Uuid, OfAClassNameNeedsAVendor) {
  EXPECT_EQ(ClassUuid("board-1", ""), std::nullopt);
}

TEST(Uuid, IsNotReadFromOtherText) {
  for (const char* text :
       {"", "0637e301", "0637e301-e05d-505b-8267486f5677de9b",
        "0637e301-e05d-505b-8267-486f5677de9g",
        "0637e301e05d505b8267486f5677de9b0",
        "0637e301ee05d-505b-8267-486f5677de9b"}) {
    EXPECT_EQ(ParseUuid(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bootseal::tests
