// Files that are no image, not one image, or not all of one.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"

#include "tests/firmware/image/host/mistake_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::host::Diagnose;
using image::host::Gather;
using namespace image::mcuboot;

std::function<void(MistakeCase&)> Is(const std::string& content) {
  return [content](MistakeCase& one) { one.image = content; };
}

class DiagnosedFile : public testing::TestWithParam<MistakeRow> {};

TEST_P(DiagnosedFile, IsRecognised) { ExpectDiagnosis(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Formats, DiagnosedFile,
    testing::Values(
        MistakeRow{"that is an image", nullptr, [](MistakeCase&) {}},
        MistakeRow{"that is empty", "EMPTY", Is("")},
        MistakeRow{"that is ELF", "OTHER_FORMAT", Is("\177ELF\1\1\1"), 0,
                   "objcopy"},
        MistakeRow{"that is gzip", "OTHER_FORMAT", Is("\x1f\x8b\x08\1"), 0,
                   "gzip"},
        MistakeRow{"that is UF2", "OTHER_FORMAT", Is("UF2\nWQ]\x9e"), 0, "UF2"},
        MistakeRow{"that is HEX", "OTHER_FORMAT", Is(":020000040800F2\n"), 0,
                   ".hex"},
        MistakeRow{"that is S-records", "OTHER_FORMAT", Is("S0030000FC\n"), 0,
                   "S-records"},
        MistakeRow{"that is erased flash", "OTHER_FORMAT",
                   Is(std::string(99, '\xff')), 0, "erased"},
        MistakeRow{"that is nothing we know", nullptr, Is("what is this?")},
        MistakeRow{"that is nearly HEX", nullptr, Is(":02000004080\n")},
        MistakeRow{"that is nearly ELF", nullptr, Is("\177ELG")},
        MistakeRow{"that is big-endian", "BIG_ENDIAN",
                   [](MistakeCase& one) {
                     one.image.replace(0, 4, "\x96\xf3\xb8\x3d");
                     one.image.replace(0x14, 8, {1, 2, 0, 3, 0, 0, 0, 4});
                   },
                   0, "bootseal imgtool sign -k bootseal:board/app -v 1.2.3+4"},
        MistakeRow{"that is big-endian and cut", "BIG_ENDIAN",
                   Is("\x96\xf3\xb8\x3d and no more"), 0, "without -e"},
        MistakeRow{"with another order of bytes", nullptr,
                   [](MistakeCase& one) {
                     one.image.replace(0, 4, "\xf3\x96\x3d\xb8");
                   }},
        MistakeRow{"of the format before", "MAGIC_V1",
                   [](MistakeCase& one) { one.image[0] = '\x3c'; }, 0,
                   "--version 1.2.3+4"},
        MistakeRow{"of the format before, cut", "MAGIC_V1",
                   Is("\x3c\xb8\xf3\x96 and no more"), 0, "0x96f3b83c"},
        MistakeRow{"with bytes in front", "LEADING_BYTES",
                   [](MistakeCase& one) { one.image.insert(0, 7, 'x'); }, 7,
                   "tail -c +8 image.bin > image.stripped.bin"},
        MistakeRow{"with bytes in front, in HEX", "LEADING_BYTES",
                   [](MistakeCase& one) {
                     one.image.insert(0, 7, 'x');
                     one.hex_address = 0x1000;
                   },
                   7, "objcopy -I ihex -O binary image.bin image.whole.bin &&"},
        MistakeRow{"with too many bytes in front", nullptr,
                   [](MistakeCase& one) { one.image.insert(0, 65537, 'x'); }},
        MistakeRow{
            "with a magic and no header in the text", nullptr,
            Is("text \x3d\xb8\xf3\x96 and no more than that, truly nothing")},
        MistakeRow{"one sector late", "ONE_SECTOR_LATE",
                   [](MistakeCase& one) {
                     one.target.rules.strategy = Strategy::kSwapOffset;
                     one.target.rules.sector_size = 0x1000;
                     one.image.insert(0, 0x1000, '\xff');
                   },
                   0x1000, "swap-using-offset"},
        MistakeRow{"cut in its payload", "TRUNCATED",
                   [](MistakeCase& one) { one.image.resize(100); }, 100,
                   "0x151 bytes"},
        MistakeRow{
            "cut in its TLVs", "TRUNCATED",
            [](MistakeCase& one) { one.image.resize(one.image.size() - 1); }},
        MistakeRow{"exported to be signed", "EXPORTED_VECTOR",
                   [](MistakeCase& one) { one.image = SignedPart(one.parts); },
                   0x20 + 301, "--vector-to-sign payload"},
        MistakeRow{"exported with padding", "EXPORTED_VECTOR",
                   [](MistakeCase& one) {
                     one.image = SignedPart(one.parts);
                     one.Pad(TrailerKind::kPad, 0x10000);
                   },
                   0x20 + 301, "filled up to a slot's trailer"},
        MistakeRow{"with a trailer and no TLVs, not filled", nullptr,
                   [](MistakeCase& one) {
                     one.image = SignedPart(one.parts) + "text";
                     one.Pad(TrailerKind::kPad, 0x10000);
                   }},
        MistakeRow{"cut behind the info header of its TLVs", "TRUNCATED",
                   [](MistakeCase& one) { one.image.resize(0x20 + 301 + 4); }},
        MistakeRow{"cut in its header", "TRUNCATED",
                   [](MistakeCase& one) { one.image.resize(31); }, 31}));

INSTANTIATE_TEST_SUITE_P(
    Twice, DiagnosedFile,
    testing::Values(
        MistakeRow{"signed twice", "SIGNED_TWICE",
                   [](MistakeCase& one) {
                     one.parts.payload = one.image;
                     one.SignAgain();
                   },
                   0x20, "vector table"},
        MistakeRow{"with a second header", "HEADER_DOUBLED",
                   [](MistakeCase& one) {
                     one.parts.payload = one.image.substr(0, 0x20 + 301 + 2);
                     one.SignAgain();
                   },
                   0x20},
        MistakeRow{"with its header put in front once more", "HEADER_DOUBLED",
                   [](MistakeCase& one) {
                     one.image.insert(0, one.image.substr(0, 0x20));
                   },
                   0x20, "tail -c +33 image.bin > image.stripped.bin"},
        MistakeRow{"with its first half put in front once more",
                   "HEADER_DOUBLED",
                   [](MistakeCase& one) {
                     one.image.insert(0, one.image.substr(0, 150));
                   },
                   150, "a second header at 0x96, of an image that is whole"},
        MistakeRow{"with a header of 0x200 put in front once more",
                   "HEADER_DOUBLED",
                   [](MistakeCase& one) {
                     one.target.rules.header_size = 0x200;
                     one.Make(2000);
                     one.image.insert(0, one.image.substr(0, 0x200));
                   },
                   0x200, "tail -c +513 image.bin > image.stripped.bin"},
        MistakeRow{"with a header put in front of one that is cut",
                   "HEADER_DOUBLED",
                   [](MistakeCase& one) {
                     one.image.insert(0, one.image.substr(0, 0x20));
                     one.image.resize(0x20 + 0x20 + 301 + 4);
                   },
                   0x20, "sign what the linker made"},
        MistakeRow{"with a magic put in front that is no header", nullptr,
                   [](MistakeCase& one) {
                     one.image.insert(0, one.image.substr(0, 0x20));
                     one.image[0x20 + 8] = 1;
                   }},
        MistakeRow{"with the magic as its stack pointer", nullptr,
                   [](MistakeCase& one) {
                     one.parts.payload.replace(0, 4, "\x3d\xb8\xf3\x96");
                     one.SignAgain();
                   }},
        MistakeRow{"with room for a second header", "HEADER_ROOM_DOUBLED",
                   [](MistakeCase& one) {
                     one.parts.payload.insert(0, 0x20, '\0');
                     one.SignAgain();
                   },
                   0x20,
                   "tail -c +33 payload.bin > payload.stripped.bin && bootseal "
                   "sign --target board/app --version 1.2.3+4 -o image.bin "
                   "payload.stripped.bin"},
        MistakeRow{"with room for a second header, as the target has one",
                   "HEADER_ROOM_DOUBLED",
                   [](MistakeCase& one) {
                     one.words.payload_has_header_room = true;
                     one.parts.payload.insert(0, 0x20, '\0');
                     one.SignAgain();
                   },
                   0x20, "|bootseal sign --target board/app"},
        MistakeRow{"that starts with zeros and no vectors after them", nullptr,
                   [](MistakeCase& one) {
                     one.parts.payload.replace(0, 0x40,
                                               std::string(0x40, '\0'));
                     one.SignAgain();
                   }},
        MistakeRow{"with a second set of TLVs", "SECOND_TLV_AREA",
                   [](MistakeCase& one) {
                     one.image +=
                         Area(kUnprotectedMagic, one.parts.unprotected);
                   },
                   std::nullopt, "sign the payload once"},
        MistakeRow{"with other bytes behind it", nullptr,
                   [](MistakeCase& one) {
                     one.image += std::string("\x07\x69\xff\xff", 4);
                   }},
        MistakeRow{"with a few bytes behind it", nullptr,
                   [](MistakeCase& one) { one.image += "\x07\x69"; }}));

void Flags(MistakeCase& one, std::uint32_t flags) {
  one.parts.header.flags = flags;
  tests::SignAgain(one.target, one.parts);
}

INSTANTIATE_TEST_SUITE_P(
    Content, DiagnosedFile,
    testing::Values(
        MistakeRow{"encrypted without a key", "ENCRYPTED_WITHOUT_KEY",
                   [](MistakeCase& one) {
                     Flags(one, flags::kEncryptedAes128);
                     one.Join();
                   },
                   0x10, "content is lost"},
        MistakeRow{"encrypted without a key for a target that decrypts",
                   "ENCRYPTED_WITHOUT_KEY",
                   [](MistakeCase& one) {
                     one.target.rules.encryption = Presence::kOptional;
                     one.target.rules.encryption_tlv = 0x32;
                     Flags(one, flags::kEncryptedAes128);
                     one.Join();
                   },
                   0x10, " -E DEVICE.pem --encrypt-keylen 128 payload.bin"},
        MistakeRow{
            "encrypted with a key of RSA-3072", "ENCRYPTION_KEY_LENGTH",
            [](MistakeCase& one) {
              Flags(one, flags::kEncryptedAes128);
              one.parts.unprotected.push_back({0x30, std::string(384, 'e')});
              one.Join();
            },
            std::nullopt, "256 bytes"},
        MistakeRow{
            "encrypted for a target that decrypts nothing", "ENCRYPTED",
            [](MistakeCase& one) {
              Flags(one, flags::kEncryptedAes256);
              one.parts.unprotected.push_back({0x32, std::string(129, 'e')});
              one.Join();
            },
            0x10, "without -E"},
        MistakeRow{
            "encrypted for a target that decrypts", nullptr,
            [](MistakeCase& one) {
              one.target.rules.encryption = Presence::kOptional;
              Flags(one, flags::kEncryptedAes128);
              one.parts.unprotected.push_back({0x32, std::string(113, 'e')});
              one.Join();
            }},
        MistakeRow{"compressed", "COMPRESSED",
                   [](MistakeCase& one) {
                     Flags(one, flags::kCompressedLzma2);
                     one.Join();
                   },
                   0x10, "--compression"},
        MistakeRow{"compressed for a target that decompresses", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.compression = Compression::kLzma2;
                     Flags(one, flags::kCompressedLzma2);
                     one.Join();
                   }}));

// imgtool's golden files have no key; what is recognised beside that is what
// was asked of it. The rest of the golden images is in golden_test.cc.
struct Keyless {
  const char* name;
  const char* codes;
};

std::ostream& operator<<(std::ostream& out, const Keyless& keyless) {
  return out << keyless.name;
}

class ImgtoolWithoutKey : public testing::TestWithParam<Keyless> {};

TEST_P(ImgtoolWithoutKey, IsRecognisedAsThat) {
  const auto file =
      base::ReadFile(absl::StrCat(BOOTSEAL_SOURCE_DIR "/tests/vectors/imgtool/",
                                  GetParam().name, ".bin"),
                     1 << 20);
  ASSERT_TRUE(file.ok()) << file.status();
  TestTarget target(SharedKey(Algorithm::kP256));
  EXPECT_EQ(CodesOf(Diagnose(Gather(target.rules, AsBytes(*file), {}))),
            GetParam().codes);
}

INSTANTIATE_TEST_SUITE_P(
    Files, ImgtoolWithoutKey,
    testing::Values(
        Keyless{"sign/custom", "UNSIGNED"}, Keyless{"sign/digest", ""},
        Keyless{"sign/everything", "UNSIGNED BOOT_RECORD_SIGNER"},
        Keyless{"sign/flags", "UNSIGNED"},
        Keyless{"sign/hex-input", "UNSIGNED"},
        Keyless{"sign/lzma2-plain", "COMPRESSED UNSIGNED"},
        Keyless{"sign/lzma2", "COMPRESSED UNSIGNED"},
        Keyless{"sign/lzma2armthumb", "COMPRESSED UNSIGNED"},
        Keyless{"sign/names", "UNSIGNED"}, Keyless{"sign/numbers", "UNSIGNED"},
        Keyless{"sign/rom-fixed-zero", "UNSIGNED"},
        Keyless{"sign/rom-fixed", "UNSIGNED"}, Keyless{"sign/room", "UNSIGNED"},
        Keyless{"sign/sha384", "UNSIGNED BOOT_RECORD_SIGNER"},
        Keyless{"sign/sha512", "UNSIGNED BOOT_RECORD_SIGNER"},
        Keyless{"sign/unsigned", "UNSIGNED"}, Keyless{"sign/uuids", "UNSIGNED"},
        Keyless{"sign/vector", "EXPORTED_VECTOR"},
        Keyless{"compression/lzma2", ""},
        Keyless{"compression/lzma2armthumb", ""}));

}  // namespace
}  // namespace bootseal::tests
