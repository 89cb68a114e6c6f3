// An image that is signed properly and then changed, to see what MCUboot itself
// was seen to do with it (facts: mcuboot 3.5, found by running bootutil over
// mutations).
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_LOADER_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_LOADER_CASE_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

inline constexpr char kStarts[] = "starts";

// Little-endian.
std::string U16(std::size_t value);
std::string U32(std::uint32_t value);

// A second key of each algorithm, that no target has.
const SigningKey& OtherKey(image::Algorithm algorithm);

std::string HashOfKey(const SigningKey& key, image::HashAlgorithm hash);

// An image between its parts and its bytes.
struct LoaderCase {
  TestTarget& target;
  ImageParts& parts;

  RawTlv& digest() { return parts.unprotected[0]; }
  RawTlv& key() { return parts.unprotected[1]; }
  RawTlv& signature() { return parts.unprotected[2]; }
  void Add(std::uint16_t type, const std::string& value) {
    parts.unprotected.push_back({type, value});
  }
  void SignBy(const SigningKey& other) {
    signature().value = other.Sign(image::host::AsBytes(digest().value));
  }
  std::string BadSignature() {
    return target.key().Sign(image::host::AsBytes(std::string(32, 'x')));
  }
};

struct LoaderRow {
  const char* name;
  image::Algorithm algorithm;
  // "starts", or the code of the step; "mbedTLS:SIGNATURE TinyCrypt:starts" and
  // so on where libraries differ.
  const char* expected;
  std::function<void(image::mcuboot::Rules&)> rules = {};
  std::function<void(LoaderCase&)> before = {};  // signed anew after it
  std::function<void(LoaderCase&)> after = {};
  std::function<void(std::string&)> bytes = {};
};

std::ostream& operator<<(std::ostream& out, const LoaderRow& row);

// "starts", or the step's code with "stops:" before those behind validation;
// by library where they differ.
std::string Summary(const std::vector<image::host::Prediction>& predictions);

// Makes the row's image and holds the prediction against it.
void ExpectPrediction(const LoaderRow& row);

void Protect(LoaderCase& one, const std::vector<RawTlv>& tlvs);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_LOADER_CASE_H_
