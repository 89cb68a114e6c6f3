// Which of eight keys signs packages: the header of the first stage says it,
// and OTP says whether that header may.
#include <array>

#include "firmware/image/crypto.h"
#include "firmware/image/stm32/header.h"
#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using image::Error;
namespace stm32 = image::stm32;

class RootKey : public ChipCase {
 protected:
  RootKey() {
    header_.version = stm32::Version::kV20;
    header_.image_length = 0x1000;
    header_.authenticated = true;
    header_.key_index = 5;
    for (std::size_t i = 0; i < header_.key_hashes.size(); ++i) {
      for (std::size_t byte = 0; byte < 32; ++byte) {
        header_.key_hashes[i][byte] = static_cast<std::byte>(16 * i + byte);
      }
    }
    Leave(header_);
    FuseTable();
  }

  // As the ROM does.
  void Leave(const stm32::Header& header) {
    std::array<std::byte, 0x200> bytes{};
    ASSERT_TRUE(stm32::WriteHeader(header, bytes).ok());
    image::Reader reader(bytes);
    for (std::uint32_t at = 0; at < bytes.size(); at += 4) {
      chip_.sram3[0x30007e00 + at] = reader.U32();
    }
  }
  void FuseTable() {
    image::Hash hash(image::HashAlgorithm::kSha256);
    for (const auto& entry : header_.key_hashes) {
      hash.Update(image::Bytes(entry).first(32));
    }
    const image::Digest digest = hash.Finish();
    for (std::uint32_t i = 0; i < 32; ++i) {
      std::uint32_t& word = chip_.bsec.cells[24 + i / 4];
      word = word << 8 | static_cast<std::uint32_t>(digest.bytes()[i]);
    }
  }
  Error Read() {
    hash_.fill(std::byte{0x5a});
    return boards::ReadRootKeyHash(hash_);
  }
  bool IsEntry(std::size_t index) const {
    return image::Equal(hash_,
                        image::Bytes(header_.key_hashes[index]).first(32));
  }
  void ExpectNone() const { EXPECT_THAT(hash_, testing::Each(std::byte{0})); }

  stm32::Header header_;
  std::array<std::byte, 32> hash_;
};

TEST_F(RootKey, IsTheOneOfTheTableThatSignedTheFirstStage) {
  ASSERT_EQ(Read(), Error::kOk);
  EXPECT_TRUE(IsEntry(5));
  header_.key_index = 0;
  Leave(header_);
  ASSERT_EQ(Read(), Error::kOk);
  EXPECT_TRUE(IsEntry(0));
  EXPECT_EQ(boards::kKeyHashForm,
            image::certificate::KeyHashForm::kNumberedPoint);
}

TEST_F(RootKey, IsNoneOfATableThatOtpDoesNotKnow) {
  for (std::size_t i = 0; i < 8; ++i) {
    stm32::Header other = header_;
    other.key_hashes[i][31] ^= std::byte{1};
    Leave(other);
    EXPECT_EQ(Read(), Error::kStm32KeyHash) << i;
    ExpectNone();
  }
}

TEST_F(RootKey, IsNoneWhenOtpHasTheHashOfTheKeyInsteadOfTheTable) {
  for (std::uint32_t i = 0; i < 8; ++i) {
    chip_.bsec.cells[24 + i] = 0;
    for (std::size_t byte = 0; byte < 4; ++byte) {
      chip_.bsec.cells[24 + i] =
          chip_.bsec.cells[24 + i] << 8 |
          static_cast<std::uint32_t>(header_.key_hashes[5][4 * i + byte]);
    }
  }
  EXPECT_EQ(Read(), Error::kStm32KeyHash);
  ExpectNone();
}

TEST_F(RootKey, IsNoneOfAFirstStageThatIsNotSigned) {
  header_ = {};
  header_.version = stm32::Version::kV20;
  header_.image_length = 0x1000;
  Leave(header_);
  EXPECT_EQ(Read(), Error::kStm32Unsigned);
  ExpectNone();
}

TEST_F(RootKey, IsNoneWithoutAHeader) {
  chip_.sram3.clear();
  EXPECT_EQ(Read(), Error::kStm32Magic);
  ExpectNone();
}

TEST_F(RootKey, IsNoneOfTheTableWhenTheIndexIsOutside) {
  chip_.sram3[0x30007e88] = 8;  // pk_idx
  EXPECT_EQ(Read(), Error::kStm32KeyIndex);
  ExpectNone();
}

TEST_F(RootKey, IsNoneWhenNothingIsFused) {
  for (std::uint32_t i = 0; i < 8; ++i) chip_.bsec.cells[24 + i] = 0;
  EXPECT_EQ(Read(), Error::kOk);
  ExpectNone();
}

}  // namespace
}  // namespace bootseal::tests
