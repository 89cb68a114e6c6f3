// Every kind of tampering, on both boards: the device refuses, and its reason
// is word for word the one that the same verifier gives on the host.
#include <gmock/gmock.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/on_board.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using image::mcuboot::ProtectedTlvs;

constexpr std::size_t kHeaderSize = 0x400;
// Places in the header (facts: mcuboot 1.2).
constexpr std::size_t kHeaderSizeField = 8;
constexpr std::size_t kProtectedSizeField = 10;
constexpr std::size_t kImageSizeField = 12;
constexpr std::size_t kFlagsField = 16;
constexpr std::size_t kVersionField = 20;

std::uint32_t Number(const std::string& bytes, std::size_t at,
                     std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i > 0; --i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + i - 1]);
  }
  return value;
}

std::string WithNumber(std::string bytes, std::size_t at, std::size_t width,
                       std::uint32_t value) {
  for (std::size_t i = 0; i < width; ++i) {
    bytes[at + i] = static_cast<char>(value >> (8 * i));
  }
  return bytes;
}

std::string FlipBit(std::string bytes, std::size_t byte) {
  bytes[byte] = static_cast<char>(bytes[byte] ^ 0x20);
  return bytes;
}

// Where the areas of an image begin, and its TLVs.
struct Map {
  explicit Map(const std::string& image) {
    protected_area = kHeaderSize + Number(image, kImageSizeField, 4);
    unprotected_area = protected_area + Number(image, kProtectedSizeField, 2);
  }
  // Offset of the TLV's header from the image's start.
  static std::size_t Tlv(const std::string& image, std::size_t area,
                         std::uint16_t type) {
    const std::size_t end = area + Number(image, area + 2, 2);
    for (std::size_t at = area + 4; at < end;
         at += 4 + Number(image, at + 2, 2)) {
      if (Number(image, at, 2) == type) return at;
    }
    ADD_FAILURE() << "no TLV " << type;
    return 0;
  }
  std::size_t protected_area;
  std::size_t unprotected_area;
};

struct Tampering {
  std::string name;
  std::string image;
};

std::vector<Tampering> BitFlips(const std::string& good) {
  namespace tlv = image::mcuboot::tlv;
  const Map map(good);
  auto in_protected = [&](std::uint16_t type) {
    return FlipBit(good, Map::Tlv(good, map.protected_area, type) + 4);
  };
  auto in_unprotected = [&](std::uint16_t type) {
    return FlipBit(good, Map::Tlv(good, map.unprotected_area, type) + 12);
  };
  return {
      {"first payload byte", FlipBit(good, kHeaderSize)},
      {"last payload byte", FlipBit(good, map.protected_area - 1)},
      {"header magic", FlipBit(good, 0)},
      {"header size", FlipBit(good, kHeaderSizeField)},
      {"image size", FlipBit(good, kImageSizeField)},
      {"flags", FlipBit(good, kFlagsField)},
      {"version", FlipBit(good, kVersionField)},
      {"header padding", FlipBit(good, 100)},
      {"security counter", in_protected(tlv::kSecurityCounter)},
      {"boot record", in_protected(tlv::kBootRecord)},
      {"dependency", in_protected(tlv::kDependency)},
      {"vendor TLV", in_protected(tlv::kVendorFirst)},
      {"digest", in_unprotected(tlv::kSha256)},
      {"key hash", in_unprotected(tlv::kKeyHash)},
      {"signature", in_unprotected(tlv::kEcdsa)},
  };
}

std::vector<Tampering> Lengths(const std::string& good) {
  namespace tlv = image::mcuboot::tlv;
  const Map map(good);
  const std::size_t counter =
      Map::Tlv(good, map.protected_area, tlv::kSecurityCounter);
  const std::size_t signature =
      Map::Tlv(good, map.unprotected_area, tlv::kEcdsa);
  return {
      {"cut in the header", good.substr(0, 16)},
      {"cut in the payload", good.substr(0, kHeaderSize + 100)},
      {"cut before the TLVs", good.substr(0, map.protected_area)},
      {"cut before the unprotected area", good.substr(0, map.unprotected_area)},
      {"cut in the signature", good.substr(0, good.size() - 1)},
      {"image size of 4 GiB", WithNumber(good, kImageSizeField, 4, 0xffffffff)},
      {"image size that wraps",
       WithNumber(good, kImageSizeField, 4, 0xfffffc00)},
      {"image size up to the slot's end",
       WithNumber(good, kImageSizeField, 4, 0x80000 - kHeaderSize)},
      {"image size of 0", WithNumber(good, kImageSizeField, 4, 0)},
      {"header size of 65535", WithNumber(good, kHeaderSizeField, 2, 0xffff)},
      {"header size of 0", WithNumber(good, kHeaderSizeField, 2, 0)},
      {"protected size of 65535",
       WithNumber(good, kProtectedSizeField, 2, 0xffff)},
      {"protected size of 0", WithNumber(good, kProtectedSizeField, 2, 0)},
      {"protected area of 65535",
       WithNumber(good, map.protected_area + 2, 2, 0xffff)},
      {"unprotected area of 65535",
       WithNumber(good, map.unprotected_area + 2, 2, 0xffff)},
      {"unprotected area of 0",
       WithNumber(good, map.unprotected_area + 2, 2, 0)},
      {"protected TLV of 65535", WithNumber(good, counter + 2, 2, 0xffff)},
      {"signature of 65535", WithNumber(good, signature + 2, 2, 0xffff)},
      {"signature of 0", WithNumber(good, signature + 2, 2, 0)},
  };
}

// Properly signed, and still not for this device.
std::vector<Tampering> WronglySealed(const Device& device,
                                     const std::string& payload) {
  const Device other(Algorithm::kP256);
  auto sealed = [&](const std::function<void(ProtectedTlvs&)>& change) {
    ProtectedTlvs tlvs = device.Tlvs();
    change(tlvs);
    return device.Seal(payload, tlvs);
  };
  static const image::mcuboot::Dependency stranger{9, {}};
  const std::string renamed = [&] {  // names our key, signed by another
    std::string image = other.Seal(payload);
    const std::string good = device.Seal(payload);
    const std::size_t at = Map::Tlv(image, Map(image).unprotected_area,
                                    image::mcuboot::tlv::kKeyHash);
    return image.replace(at, 36, good, at, 36);
  }();
  return {
      {"signed with another key", other.Seal(payload)},
      {"another key under our name", renamed},
      {"no boot record", sealed([](auto& t) { t.software_type = {}; })},
      {"no security counter",
       sealed([](auto& t) { t.has_security_counter = false; })},
      {"security counter too low",
       sealed([](auto& t) { t.security_counter = 4; })},
      {"dependency on no image", sealed([](auto& t) {
         t.dependencies = {&stranger, 1};
       })},
      {"no protected TLV at all", sealed([](auto& t) { t = {}; })},
  };
}

Error VerdictOnHost(const Device& device, std::string image) {
  image.resize(device.rules().slot_size, '\0');
  const Bytes slot{reinterpret_cast<const std::byte*>(image.data()),
                   image.size()};
  return image::mcuboot::Verify(device.rules(), slot).error();
}

class EveryBoard : public testing::TestWithParam<std::string> {
 protected:
  EveryBoard() : device_(Algorithm::kP256) {
    device_.rules().minimum_security_counter = 5;
  }

  void ExpectRefusals(const std::vector<Tampering>& tamperings) const {
    const Bench bench(device_, GetParam());
    for (const Tampering& tampering : tamperings) {
      const Error verdict = VerdictOnHost(device_, tampering.image);
      EXPECT_NE(verdict, Error::kOk) << tampering.name;
      EXPECT_EQ(bench.Boot(tampering.image, "refused"), bench.Refusal(verdict))
          << tampering.name;
    }
  }

  Device device_;
};

TEST_P(EveryBoard, RefusesEveryFlippedBit) {
  ExpectRefusals(BitFlips(device_.Seal(Payload(GetParam()))));
}

TEST_P(EveryBoard, RefusesTruncatedAndOversizedLengths) {
  ExpectRefusals(Lengths(device_.Seal(Payload(GetParam()))));
}

TEST_P(EveryBoard, RefusesGenuineSignaturesOverTheWrongThing) {
  ExpectRefusals(WronglySealed(device_, Payload(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Firmware, EveryBoard, kBoards, ShortName);

}  // namespace
}  // namespace bootseal::tests
