// Compressed payloads, against what MCUboot's own tool makes of the same bytes.
#include "firmware/image/host/compression.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "tests/support/status_matchers.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Compression;
using tests::StatusIs;
using Code = absl::StatusCode;

constexpr std::size_t kPayloadHalfwords = 2048;
constexpr std::size_t kLongPeriod = 160000;

// tests/vectors/imgtool/compression/README.md
std::uint32_t Halfword(std::uint64_t i) {
  if (i % 8 == 6) return 0xf000u | static_cast<std::uint32_t>((i >> 3) & 0x7ff);
  if (i % 8 == 7) return 0xf800u | static_cast<std::uint32_t>((7 * i) & 0x7ff);
  return static_cast<std::uint32_t>(0x4600 + (i * i >> 4) % 251);
}

std::string Halfwords(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text.push_back(static_cast<char>(Halfword(i) & 0xff));
    text.push_back(static_cast<char>(Halfword(i) >> 8));
  }
  return text;
}

std::string Payload() { return Halfwords(kPayloadHalfwords) + '\x01'; }

std::string LongPayload() {
  std::string text;
  std::uint32_t x = 1;
  for (std::size_t i = 0; i < kLongPeriod; ++i) {
    x = x * 1103515245 + 12345;
    text.push_back(static_cast<char>(0x40 | ((x >> 16) & 0x1f)));
  }
  return text + text.substr(0, kLongPeriod / 2);
}

std::string Golden(const std::string& name) {
  return *base::ReadFile(
      BOOTSEAL_SOURCE_DIR "/tests/vectors/imgtool/compression/" + name,
      1 << 20);
}

std::string Sha256(absl::string_view data) {
  return absl::BytesToHexString(image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(data))
          .bytes()));
}

// As NAME.txt has it.
std::string Sha256Of(const std::string& name) {
  const std::string text = Golden(name);
  return text.substr(text.find("\nsha256 ") + 8, 64);
}

std::string Compressed(Compression compression, absl::string_view payload) {
  absl::StatusOr<std::string> stream = Compress(compression, payload);
  EXPECT_OK(stream);
  return stream.value_or("");
}

TEST(Compression, MakesTheBytesOfMcubootsTool) {
  EXPECT_EQ(Compressed(Compression::kLzma2, Payload()), Golden("lzma2.bin"));
  EXPECT_EQ(Compressed(Compression::kLzma2ArmThumb, Payload()),
            Golden("lzma2armthumb.bin"));
}

TEST(Compression, MakesTheBytesOfMcubootsToolBeyondTheDictionary) {
  const std::string payload = LongPayload();
  EXPECT_EQ(Sha256(Compressed(Compression::kLzma2, payload)),
            Sha256Of("lzma2-long.txt"));
  EXPECT_EQ(Sha256(Compressed(Compression::kLzma2ArmThumb, payload)),
            Sha256Of("lzma2armthumb-long.txt"));
}

TEST(Compression, DecompressesWhatMcubootsToolCompressed) {
  EXPECT_EQ(*Decompress(Compression::kLzma2, Golden("lzma2.bin"), 1 << 20),
            Payload());
  EXPECT_EQ(*Decompress(Compression::kLzma2ArmThumb,
                        Golden("lzma2armthumb.bin"), 1 << 20),
            Payload());
}

TEST(Compression, KeepsPayloadsOfEverySize) {
  for (const std::size_t halfwords : {0, 1, 2, 3, 1000, 150000}) {
    for (const Compression compression :
         {Compression::kLzma2, Compression::kLzma2ArmThumb}) {
      const std::string payload = Halfwords(halfwords);
      const std::string stream = Compressed(compression, payload);
      absl::StatusOr<std::string> plain =
          Decompress(compression, stream, payload.size());
      ASSERT_OK(plain) << halfwords;
      EXPECT_EQ(*plain, payload) << halfwords;
    }
  }
}

TEST(Compression, RefusesOtherProperties) {
  std::string stream = Golden("lzma2.bin");
  stream[0] = '\x0b';
  EXPECT_THAT(Decompress(Compression::kLzma2, stream, 1 << 20),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_PROPERTIES"));
  stream = Golden("lzma2.bin");
  stream[1] = '\x5d';
  EXPECT_THAT(Decompress(Compression::kLzma2, stream, 1 << 20),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_PROPERTIES"));
  for (const char* text : {"", "\x0a"}) {
    EXPECT_THAT(Decompress(Compression::kLzma2, text, 1 << 20),
                StatusIs(Code::kFailedPrecondition, "COMPRESSION_PROPERTIES"));
  }
}

TEST(Compression, RefusesAStreamThatIsCutOffAnywhere) {
  const std::string stream = Golden("lzma2.bin");
  for (std::size_t size = 2; size < stream.size(); ++size) {
    EXPECT_THAT(
        Decompress(Compression::kLzma2, stream.substr(0, size), 1 << 20),
        StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"))
        << size;
  }
}

TEST(Compression, RefusesAStreamWithABrokenControlByte) {
  std::string stream = Golden("lzma2.bin");
  stream[2] = '\x7f';
  EXPECT_THAT(Decompress(Compression::kLzma2, stream, 1 << 20),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"));
}

TEST(Compression, RefusesBytesBehindTheEnd) {
  EXPECT_THAT(
      Decompress(Compression::kLzma2, Golden("lzma2.bin") + "x", 1 << 20),
      StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"));
}

TEST(Compression, StopsAtTheSizeThatIsAllowed) {
  const std::string payload = Payload();
  const std::string stream = Golden("lzma2.bin");
  EXPECT_OK(Decompress(Compression::kLzma2, stream, payload.size()));
  EXPECT_THAT(Decompress(Compression::kLzma2, stream, payload.size() - 1),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_TOO_LARGE"));
  // 64 MiB of zeros out of a few KiB.
  const std::string bomb =
      Compressed(Compression::kLzma2, std::string(64 << 20, '\0'));
  EXPECT_THAT(Decompress(Compression::kLzma2, bomb, 4096),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_TOO_LARGE"));
}

TEST(Compression, TakesAStreamInChunksOfAnySize) {
  for (const char* name : {"lzma2.bin", "lzma2armthumb.bin"}) {
    const Compression compression = std::string(name) == "lzma2.bin"
                                        ? Compression::kLzma2
                                        : Compression::kLzma2ArmThumb;
    const std::string stream = Golden(name);
    for (const std::size_t size : {1, 2, 3, 7, 1000}) {
      std::string plain;
      const auto append = [&plain](absl::string_view block) {
        absl::StrAppend(&plain, block);
        return absl::OkStatus();
      };
      Decompressor decompressor(compression, Payload().size());
      for (std::size_t at = 0; at < stream.size(); at += size) {
        ASSERT_OK(decompressor.Write(absl::string_view(stream).substr(at, size),
                                     append));
      }
      ASSERT_OK(decompressor.Finish(append));
      EXPECT_EQ(plain, Payload()) << name << " in chunks of " << size;
      EXPECT_EQ(decompressor.size(), Payload().size());
    }
  }
}

absl::Status Drop(absl::string_view) { return absl::OkStatus(); }

// The zeros that a cipher's last block is filled with, in chunks of `chunk`.
absl::Status WritePadded(Decompressor& decompressor, const std::string& padding,
                         std::size_t chunk) {
  const std::string input = Golden("lzma2.bin") + padding;
  for (std::size_t at = 0; at < input.size(); at += chunk) {
    const absl::Status status =
        decompressor.Write(absl::string_view(input).substr(at, chunk), Drop);
    if (!status.ok()) return status;
  }
  return decompressor.Finish(Drop);
}

TEST(Compression, TakesTheCiphersPaddingAndSaysWhereItBegins) {
  const std::size_t size = Golden("lzma2.bin").size();
  for (const std::size_t padding : {0, 1, 15}) {
    for (const std::size_t chunk : {1u, 7u, 100000u}) {
      Decompressor decompressor(Compression::kLzma2, 1 << 20,
                                CipherPadding::kZeros);
      EXPECT_OK(WritePadded(decompressor, std::string(padding, '\0'), chunk));
      EXPECT_EQ(decompressor.compressed_size(), size) << padding << chunk;
      EXPECT_EQ(decompressor.size(), Payload().size());
    }
  }
}

TEST(Compression, RefusesOtherPadding) {
  for (const std::string& padding :
       {std::string(16, '\0'), std::string("\0x", 2), std::string("x")}) {
    for (const std::size_t chunk : {1u, 100000u}) {
      Decompressor decompressor(Compression::kLzma2, 1 << 20,
                                CipherPadding::kZeros);
      EXPECT_THAT(WritePadded(decompressor, padding, chunk),
                  StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"));
    }
  }
}

TEST(Compression, StopsABombBeforeItIsThere) {
  const std::string bomb =
      Compressed(Compression::kLzma2, std::string(64 << 20, '\0'));
  Decompressor decompressor(Compression::kLzma2, 1 << 20);
  std::size_t most = 0;
  EXPECT_THAT(decompressor.Write(bomb,
                                 [&most](absl::string_view block) {
                                   most += block.size();
                                   return absl::OkStatus();
                                 }),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_TOO_LARGE"));
  EXPECT_LE(most, 1u << 20);
}

TEST(Compression, EndsWithTheSinksOwnError) {
  Decompressor decompressor(Compression::kLzma2, 1 << 20);
  EXPECT_EQ(decompressor
                .Write(Golden("lzma2.bin"),
                       [](absl::string_view) {
                         return absl::OutOfRangeError("enough");
                       })
                .code(),
            Code::kOutOfRange);
}

TEST(Compression, RefusesBytesBehindTheEndInAChunkOfTheirOwn) {
  Decompressor decompressor(Compression::kLzma2, 1 << 20);
  const auto ignore = [](absl::string_view) { return absl::OkStatus(); };
  ASSERT_OK(decompressor.Write(Golden("lzma2.bin"), ignore));
  EXPECT_THAT(decompressor.Write("x", ignore),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"));
}

TEST(Compression, TellsTheFiltersApart) {
  absl::StatusOr<std::string> plain =
      Decompress(Compression::kLzma2, Golden("lzma2armthumb.bin"), 1 << 20);
  ASSERT_OK(plain);
  EXPECT_NE(*plain, Payload());
}

}  // namespace
}  // namespace bootseal::image::host
