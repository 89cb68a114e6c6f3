#include "firmware/image/stm32/header.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::host::AsBytes;
using image::host::FormatStm32Version;
using image::host::NameOf;
using image::host::ToString;
using namespace image::stm32;

constexpr Version kAll[] = {Version::kV1, Version::kV20, Version::kV22,
                            Version::kV23};

std::string Vector(const std::string& name) {
  std::ifstream file(
      std::string(BOOTSEAL_SOURCE_DIR "/tests/vectors/package/") + name,
      std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Golden(Version version) {
  return Vector("stm32-v" + FormatStm32Version(version) + ".stm32");
}

std::string ReadError(const std::string& image) {
  return NameOf(ReadHeader(AsBytes(image)).error());
}

std::string Written(const Header& header) {
  std::array<std::byte, kMaxHeaderBytes> buffer;
  const auto written = WriteHeader(header, buffer);
  return written.ok() ? ToString(*written) : NameOf(written.error());
}

// With a key, a table and a signature, all of them letters.
Header SignedHeader(Version version) {
  Header header;
  header.version = version;
  header.checksum = 1000;
  header.image_length = 10;
  header.entry_point = 0x2ffea000;
  header.load_address = 0x2ffc2500;
  header.image_version = 3;
  header.binary_type = 0x10;
  header.authenticated = true;
  const Layout& layout = *LayoutOf(version);
  if (version == Version::kV23) header.algorithm = SignatureAlgorithm::kP384;
  image::Fill(std::span(header.signature).first(layout.point_bytes),
              std::byte{'s'});
  image::Fill(std::span(header.public_key).first(layout.point_bytes),
              std::byte{'k'});
  for (std::size_t i = 0; i < kTableKeys && layout.hash_bytes > 0; ++i) {
    image::Fill(std::span(header.key_hashes[i]).first(layout.hash_bytes),
                static_cast<std::byte>('0' + i));
  }
  if (layout.hash_bytes > 0) header.key_index = 7;
  return header;
}

TEST(Stm32Header, OfStm32imageIsReadAndWrittenAsItWas) {
  const std::string payload = Vector("first-stage.bin");
  for (const Version version : kAll) {
    const std::string image = Golden(version);
    const auto header = ReadHeader(AsBytes(image));
    ASSERT_TRUE(header.ok())
        << FormatStm32Version(version) << " " << NameOf(header.error());
    EXPECT_EQ(header->version, version);
    EXPECT_FALSE(header->authenticated);
    EXPECT_EQ(header->entry_point, 0x2ffea000u);
    EXPECT_EQ(header->load_address, 0x2ffc2500u);
    EXPECT_EQ(header->image_version, 3u);
    EXPECT_EQ(header->binary_type, 0x10u);
    EXPECT_EQ(ToString(*PayloadOf(*header, AsBytes(image))), payload);
    EXPECT_EQ(header->checksum, ChecksumOf(AsBytes(payload)));
    EXPECT_EQ(Written(*header) + payload, image);
  }
}

TEST(Stm32Header, IsMadeByteForByteAsByStm32image) {
  for (const Version version : kAll) {
    const auto image = image::host::MakeStm32Image(
        {version, 0x2ffea000, 0x2ffc2500, 3, 0x10}, Vector("first-stage.bin"));
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_EQ(*image, Golden(version)) << FormatStm32Version(version);
  }
}

// Offsets of facts: fwu 5.2 and 5.3.
TEST(Stm32Header, OfASignedImageHasEachFieldInItsPlace) {
  const std::string v1 = Written(SignedHeader(Version::kV1));
  ASSERT_EQ(v1.size(), 0x100u) << v1;
  EXPECT_EQ(v1.substr(0, 5), "STM2s");
  EXPECT_EQ(v1.substr(0x48, 4), std::string("\0\0\1\0", 4));
  EXPECT_EQ(v1.substr(0x64, 8), std::string("\0\0\0\0\1\0\0\0", 8));
  EXPECT_EQ(v1.substr(0x6c, 64), std::string(64, 'k'));
  EXPECT_EQ(v1[0xff], 0x10);

  for (const Version version : {Version::kV20, Version::kV22}) {
    const std::string v2 = Written(SignedHeader(version));
    ASSERT_EQ(v2.size(), 0x200u) << v2;
    EXPECT_EQ(v2.substr(0x64, 8), std::string("\1\0\0\x80\x80\1\0\0", 8));
    EXPECT_EQ(v2[0x6c], 0x10);
    EXPECT_EQ(v2.substr(0x80, 8), std::string("ST\0\2\x54\1\0\0", 8));
    EXPECT_EQ(v2.substr(0x88, 12),
              std::string("\7\0\0\0\x8\0\0\0\1\0\0\0", 12));
    EXPECT_EQ(v2.substr(0x94, 64), std::string(64, 'k'));
    EXPECT_EQ(v2.substr(0xd4, 33), std::string(32, '0') + "1");
    EXPECT_EQ(v2.substr(0x1d4, 8), std::string("ST\xff\xff\x2c\0\0\0", 8));
  }

  const std::string v23 = Written(SignedHeader(Version::kV23));
  EXPECT_EQ(v23.size() % 0x40, 0u);
  EXPECT_EQ(v23.substr(0x68, 4), std::string("\0\3\2\0", 4));
  EXPECT_EQ(v23.substr(0xa0, 4), std::string("ST\0\2", 4));
}

TEST(Stm32Header, OfASignedImageIsReadAndWrittenAsItWas) {
  for (const Version version : kAll) {
    const std::string bytes = Written(SignedHeader(version));
    const auto header = ReadHeader(AsBytes(bytes));
    ASSERT_TRUE(header.ok()) << NameOf(header.error());
    EXPECT_TRUE(*header == SignedHeader(version));
    EXPECT_EQ(HeaderBytes(*header), bytes.size());
  }
}

TEST(Stm32Header, CutAtAnyByteIsRefused) {
  for (const Version version : kAll) {
    for (const std::string& bytes :
         {Written(SignedHeader(version)),
          Golden(version).substr(0, LayoutOf(version)->unsigned_bytes)}) {
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string error = ReadError(bytes.substr(0, size));
        EXPECT_TRUE(error == "TRUNCATED" || error == "STM32_VERSION") << error;
      }
    }
  }
}

TEST(Stm32Header, WithAnyBitChangedIsRefusedOrAnotherOne) {
  for (const Version version : kAll) {
    for (const std::string& bytes :
         {Written(SignedHeader(version)),
          Golden(version).substr(0, LayoutOf(version)->unsigned_bytes)}) {
      for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        const auto read = ReadHeader(AsBytes(changed));
        if (!read.ok()) continue;
        ASSERT_EQ(Written(*read), changed) << bit;
      }
    }
  }
}

struct BadHeader {
  const char* what;
  Version version;
  std::size_t at;
  char value;
  const char* error;
};

void PrintTo(const BadHeader& bad, std::ostream* out) { *out << bad.what; }

class Stm32HeaderRefuses : public testing::TestWithParam<BadHeader> {};

TEST_P(Stm32HeaderRefuses, WhatNoSignerWrites) {
  const BadHeader& bad = GetParam();
  std::string bytes = Written(SignedHeader(bad.version));
  ASSERT_NE(bytes[bad.at], bad.value);
  bytes[bad.at] = bad.value;
  EXPECT_EQ(ReadError(bytes), bad.error);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, Stm32HeaderRefuses,
    testing::Values(
        BadHeader{"magic", Version::kV1, 3, '3', "STM32_MAGIC"},
        BadHeader{"major version", Version::kV1, 0x4a, 3, "STM32_VERSION"},
        BadHeader{"minor version", Version::kV20, 0x49, 1, "STM32_VERSION"},
        BadHeader{"first reserved", Version::kV1, 0x54, 1, "STM32_RESERVED"},
        BadHeader{"second reserved", Version::kV20, 0x5c, 1, "STM32_RESERVED"},
        BadHeader{"options", Version::kV1, 0x64, 2, "STM32_RESERVED"},
        BadHeader{"signature and none wanted", Version::kV1, 0x64, 1,
                  "STM32_RESERVED"},
        BadHeader{"algorithm 0", Version::kV1, 0x68, 0, "STM32_ALGORITHM"},
        BadHeader{"P-384 in version 1", Version::kV1, 0x68, 3,
                  "STM32_ALGORITHM"},
        BadHeader{"padding", Version::kV1, 0xac, 1, "STM32_RESERVED"},
        BadHeader{"padding's end", Version::kV1, 0xfe, 1, "STM32_RESERVED"},
        BadHeader{"encrypted", Version::kV20, 0x64, 3, "STM32_ENCRYPTED"},
        BadHeader{"unknown flag", Version::kV20, 0x64, 5, "STM32_EXTENSION"},
        BadHeader{"no padding flag", Version::kV20, 0x67, 0, "STM32_EXTENSION"},
        BadHeader{"length of extensions", Version::kV20, 0x68, 0x40,
                  "STM32_EXTENSION"},
        BadHeader{"padding of version 2", Version::kV20, 0x70, 1,
                  "STM32_RESERVED"},
        BadHeader{"type of authentication", Version::kV20, 0x83, 3,
                  "STM32_EXTENSION"},
        BadHeader{"length of authentication", Version::kV20, 0x84, 0x50,
                  "STM32_EXTENSION"},
        BadHeader{"key 8", Version::kV20, 0x88, 8, "STM32_KEY_INDEX"},
        BadHeader{"huge key", Version::kV20, 0x8b, 1, "STM32_KEY_INDEX"},
        BadHeader{"seven keys", Version::kV20, 0x8c, 7, "STM32_EXTENSION"},
        BadHeader{"algorithm 5", Version::kV22, 0x90, 5, "STM32_ALGORITHM"},
        BadHeader{"P-384 in version 2.2", Version::kV22, 0x90, 3,
                  "STM32_ALGORITHM"},
        BadHeader{"long key of a short curve", Version::kV23, 0xb0, 1,
                  "STM32_ALGORITHM"},
        BadHeader{"type of padding", Version::kV22, 0x1d6, 0,
                  "STM32_EXTENSION"},
        BadHeader{"length of padding", Version::kV22, 0x1d8, 0x2d,
                  "STM32_EXTENSION"},
        BadHeader{"content of padding", Version::kV22, 0x1ff, 1,
                  "STM32_EXTENSION"},
        BadHeader{"reserved of 2.3", Version::kV23, 0x90, 1,
                  "STM32_RESERVED"}));

TEST(Stm32HeaderWriter, WritesNothingThatIsNotRead) {
  const auto error = [](Version version,
                        const std::function<void(Header&)>& change) {
    Header header = SignedHeader(version);
    change(header);
    return Written(header);
  };
  EXPECT_EQ(error(Version::kV1, [](Header& h) { h.binary_type = 0x110; }),
            "STM32_RESERVED");
  EXPECT_EQ(error(Version::kV1, [](Header& h) { h.key_index = 1; }),
            "STM32_RESERVED");
  EXPECT_EQ(
      error(Version::kV1, [](Header& h) { h.signature[64] = std::byte{1}; }),
      "STM32_RESERVED");
  EXPECT_EQ(error(Version::kV20, [](Header& h) { h.key_index = 8; }),
            "STM32_KEY_INDEX");
  EXPECT_EQ(error(Version::kV20, [](Header& h) { h.non_secure_length = 1; }),
            "STM32_RESERVED");
  EXPECT_EQ(error(Version::kV20, [](Header& h) { h.authenticated = false; }),
            "STM32_RESERVED");
  EXPECT_EQ(
      error(Version::kV20,
            [](Header& h) { h.version = static_cast<Version>(0x00020100); }),
      "STM32_VERSION");
  for (std::size_t size = 0; size < 0x200; size += 7) {
    std::string buffer(size, '\0');
    EXPECT_EQ(NameOf(WriteHeader(SignedHeader(Version::kV20),
                                 std::as_writable_bytes(std::span(buffer)))
                         .error()),
              "BUFFER_TOO_SMALL");
  }
}

TEST(Stm32Payload, IsAllThereOrRefused) {
  const std::string image = Golden(Version::kV1);
  const Header header = *ReadHeader(AsBytes(image));
  for (std::size_t size = 0x100; size < image.size(); ++size) {
    EXPECT_EQ(NameOf(PayloadOf(header, AsBytes(image).first(size)).error()),
              "STM32_LENGTH");
    EXPECT_EQ(NameOf(SignedRange(header, AsBytes(image).first(size)).error()),
              "STM32_LENGTH");
  }
  Header changed = header;
  changed.image_length = 0;
  EXPECT_EQ(NameOf(PayloadOf(changed, AsBytes(image)).error()), "STM32_LENGTH");
  changed.image_length = 0xffffffff;
  EXPECT_EQ(NameOf(PayloadOf(changed, AsBytes(image)).error()), "STM32_LENGTH");
}

TEST(Stm32Payload, IsSignedFromTheVersionToItsEndAndNoFurther) {
  for (const Version version : kAll) {
    const std::string image = Golden(version);
    const std::string padded = image + std::string(512, '\0');
    const Header header = *ReadHeader(AsBytes(image));
    EXPECT_EQ(ToString(*SignedRange(header, AsBytes(padded))),
              image.substr(version == Version::kV23 ? 0x68 : 0x48));
  }
}

TEST(Stm32Version, HasAName) {
  for (const Version version : kAll) {
    EXPECT_EQ(*image::host::ParseStm32Version(FormatStm32Version(version)),
              version);
  }
  for (const char* text : {"", "1", "2", "2.1", "2.4", "v1.0"}) {
    EXPECT_EQ(base::ReasonOf(image::host::ParseStm32Version(text).status()),
              "HEADER_VERSION");
  }
}

}  // namespace
}  // namespace bootseal::tests
