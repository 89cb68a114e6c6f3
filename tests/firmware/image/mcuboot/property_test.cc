// What holds for every image, and for whatever is made of it.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::mcuboot;

ProtectedTlvs SomeTlvs() {
  return {.has_security_counter = true,
          .security_counter = 5,
          .software_type = AsBytes("SPE"),
          .dependencies = {},
          .vendor = {}};
}

class EveryImage : public testing::TestWithParam<Algorithm> {
 protected:
  EveryImage()
      : target_(SharedKey(GetParam())),
        image_(MakeImage(target_, TestPayload(99), SomeTlvs())) {}

  TestTarget target_;
  std::string image_;
};

TEST_P(EveryImage, IsRefusedWhenCutAtAnyByte) {
  ASSERT_TRUE(Verify(target_.rules, AsBytes(image_)).ok());
  for (std::size_t size = 0; size < image_.size(); ++size) {
    ASSERT_EQ(
        NameOf(Verify(target_.rules, AsBytes(image_).first(size)).error()),
        "TRUNCATED")
        << size;
  }
}

TEST_P(EveryImage, IsRefusedWithAnySingleBitFlipped) {
  for (std::size_t bit = 0; bit < 8 * image_.size(); ++bit) {
    std::string changed = image_;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const auto verdict = Verify(target_.rules, AsBytes(changed));
    ASSERT_FALSE(verdict.ok()) << "bit " << bit;
    ASSERT_FALSE(verdict->intact()) << "bit " << bit;
  }
}

TEST_P(EveryImage, GetsTheSameVerdictHoweverItsPayloadIsCut) {
  const Reading reading = ReadImage(AsBytes(image_), target_.rules.hash);
  ASSERT_EQ(reading.error, Error::kOk);
  for (const std::size_t chunk : {1U, 2U, 3U, 5U, 7U, 64U, 99U}) {
    Verifier verifier(target_.rules);
    ASSERT_EQ(verifier.Header(reading.header), Error::kOk);
    for (Bytes rest = reading.payload; !rest.empty();) {
      const std::size_t size = std::min(chunk, rest.size());
      ASSERT_EQ(verifier.Payload(rest.first(size)), Error::kOk);
      rest = rest.subspan(size);
    }
    ASSERT_EQ(verifier.Protected(reading.facts.protected_area), Error::kOk);
    EXPECT_EQ(verifier.digest(), reading.facts.digest);
    EXPECT_EQ(verifier.facts().reset_vector, 0x101U);
    const auto verdict = verifier.Finish(reading.facts.unprotected_area);
    EXPECT_EQ(NameOf(verdict.error()), "OK") << chunk;
  }
}

TEST_P(EveryImage, IsWrittenAsItWasRead) {
  const Reading reading = ReadImage(AsBytes(image_), target_.rules.hash);
  ASSERT_EQ(reading.error, Error::kOk);
  ImageParts parts;
  parts.header = reading.facts.header;
  parts.payload = ToString(reading.payload);
  parts.protected_area = ToString(reading.facts.protected_area);
  for (const Tlv& tlv : Tlvs(reading.facts.unprotected_area)) {
    parts.unprotected.push_back({tlv.type, ToString(tlv.value)});
  }
  EXPECT_EQ(Join(parts), image_);
  EXPECT_TRUE(reading.rest.empty());
}

INSTANTIATE_TEST_SUITE_P(Algorithms, EveryImage,
                         testing::Values(Algorithm::kRsa2048, Algorithm::kP256,
                                         Algorithm::kP384,
                                         Algorithm::kEd25519));

TEST(Header, IsWrittenAsItWasReadWhateverItSays) {
  std::mt19937 random(1);  // NOLINT: the same headers every time
  for (int round = 0; round < 1000; ++round) {
    std::string bytes(32, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    bytes.replace(0, 4, "\x3d\xb8\xf3\x96");
    bytes.replace(28, 4, 4, '\0');
    const auto header = ReadHeader(AsBytes(bytes));
    ASSERT_TRUE(header.ok());
    if (header->header_size < kHeaderBytes) continue;
    std::string buffer(65536, '\0');
    const auto written = WriteHeader(*header, std::byte{0xff},
                                     std::as_writable_bytes(std::span(buffer)));
    ASSERT_TRUE(written.ok());
    ASSERT_EQ(ToString(written->first(32)), bytes);
  }
}

TEST(Header, IsNotReadWithAReservedWord) {
  for (std::size_t i = 28; i < 32; ++i) {
    std::string bytes("\x3d\xb8\xf3\x96", 4);
    bytes.resize(32, '\0');
    bytes[i] = 1;
    EXPECT_EQ(NameOf(ReadHeader(AsBytes(bytes)).error()), "HEADER_RESERVED");
  }
}

// Offset of a 16- or 32-bit field, and values that lie about a size.
struct Lie {
  const char* name;
  std::size_t offset;
  std::string bytes;
};

std::ostream& operator<<(std::ostream& out, const Lie& lie) {
  return out << lie.name;
}

class ALieAbout : public testing::TestWithParam<Lie> {};

TEST_P(ALieAbout, IsRefusedWithoutReadingBeyondTheImage) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  const std::string image = MakeImage(target, TestPayload(100), SomeTlvs());
  std::string changed = image;
  changed.replace(GetParam().offset, GetParam().bytes.size(), GetParam().bytes);
  // An exact copy on the heap: a sanitizer sees any read beyond it.
  const std::vector<std::byte> exact(AsBytes(changed).begin(),
                                     AsBytes(changed).end());
  EXPECT_FALSE(Verify(target.rules, exact).ok());
  EXPECT_NE(ReadImage(exact, target.rules.hash).error, Error::kOk);
}

// Payload of 100 bytes: the protected area starts at 132.
INSTANTIATE_TEST_SUITE_P(
    Sizes, ALieAbout,
    testing::Values(Lie{"payload, 4 GiB", 12, "\xff\xff\xff\xff"},
                    Lie{"payload, to wrap around", 12, "\xe0\xff\xff\xff"},
                    Lie{"payload, one more", 12, std::string("\x65\0\0\0", 4)},
                    Lie{"header, 64 KiB", 8, "\xff\xff"},
                    Lie{"header, none", 8, std::string("\0\0", 2)},
                    Lie{"protected area, 64 KiB", 10, "\xff\xff"},
                    Lie{"protected area, none", 10, std::string("\0\0", 2)},
                    Lie{"protected total, 64 KiB", 134, "\xff\xff"},
                    Lie{"protected total, none", 134, std::string("\0\0", 2)},
                    Lie{"a TLV's length, 64 KiB", 138, "\xff\xff"},
                    Lie{"a TLV's length, one less", 138,
                        std::string("\x03\0", 2)},
                    Lie{"protected magic", 132, "\x07\x69"}));

TEST(UnprotectedArea, IsRefusedWithAnyOtherTotal) {
  const TestTarget target(SharedKey(Algorithm::kEd25519));
  const std::string image = MakeImage(target, TestPayload(100), {});
  const std::size_t total_at = 0x20 + 100 + 2;
  const auto right = static_cast<std::uint32_t>(image.size() - (total_at - 2));
  for (std::uint32_t total = 0; total <= 0xffff; total += 1) {
    if (total == right) continue;
    std::string changed = image + std::string(300, '\0');
    changed[total_at] = static_cast<char>(total & 0xff);
    changed[total_at + 1] = static_cast<char>(total >> 8);
    ASSERT_FALSE(Verify(target.rules, AsBytes(changed)).ok()) << total;
  }
}

TEST(Verifier, RefusesStepsOutOfOrder) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  const std::string image = MakeImage(target, TestPayload(100), {});
  const Reading reading = ReadImage(AsBytes(image), target.rules.hash);
  Verifier no_header(target.rules);
  EXPECT_EQ(no_header.Payload(reading.payload), Error::kFault);
  EXPECT_EQ(no_header.Header(reading.header), Error::kFault);
  Verifier no_payload(target.rules);
  EXPECT_EQ(no_payload.Header(reading.header), Error::kOk);
  EXPECT_EQ(no_payload.Protected({}), Error::kTruncated);
  Verifier only_end(target.rules);
  EXPECT_EQ(only_end.Finish(reading.facts.unprotected_area).error(),
            Error::kFault);
}

TEST(Verifier, StaysRefusedAfterTheFirstError) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  const std::string image = MakeImage(target, TestPayload(100), {});
  const Reading reading = ReadImage(AsBytes(image), target.rules.hash);
  Verifier verifier(target.rules);
  EXPECT_EQ(verifier.Header(reading.header), Error::kOk);
  EXPECT_EQ(verifier.Payload(AsBytes(TestPayload(101))), Error::kTrailingBytes);
  EXPECT_EQ(verifier.Payload(reading.payload), Error::kTrailingBytes);
  EXPECT_EQ(verifier.Protected({}), Error::kTrailingBytes);
  EXPECT_EQ(verifier.Finish(reading.facts.unprotected_area).error(),
            Error::kTrailingBytes);
}

TEST(Verifier, AnswersOnce) {
  const TestTarget target(SharedKey(Algorithm::kP256));
  const std::string image = MakeImage(target, TestPayload(100), {});
  const Reading reading = ReadImage(AsBytes(image), target.rules.hash);
  Verifier verifier(target.rules);
  EXPECT_EQ(verifier.Header(reading.header), Error::kOk);
  EXPECT_EQ(verifier.Payload(reading.payload), Error::kOk);
  EXPECT_EQ(verifier.Protected({}), Error::kOk);
  EXPECT_TRUE(verifier.Finish(reading.facts.unprotected_area).ok());
  EXPECT_EQ(verifier.Finish(reading.facts.unprotected_area).error(),
            Error::kFault);
}

TEST(Verified, ProvesNothingByDefault) {
  EXPECT_FALSE(image::Verified().intact());
}

}  // namespace
}  // namespace bootseal::tests
