// An image that is right, and what somebody does to it.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_MISTAKE_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_MISTAKE_CASE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/mcuboot/trailer.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

// An image on its way from right to wrong.
struct MistakeCase {
  TestTarget& target;
  image::host::TargetWords words{.name = "board/app"};
  std::optional<std::uint32_t> hex_address = std::nullopt;
  ImageParts parts = {};
  std::string image = {};

  void Make(std::size_t payload_size = 301,
            const image::mcuboot::ProtectedTlvs& tlvs = {}) {
    parts = MakeParts(target, TestPayload(payload_size), tlvs);
    Join();
  }
  void Join() { image = tests::Join(parts); }
  void SignAgain() {
    tests::SignAgain(target, parts);
    Join();
  }
  // Fills the file up to a slot of that size, with its trailer.
  void Pad(image::mcuboot::TrailerKind kind, std::uint32_t slot,
           std::uint32_t max_align = 8);
  std::string& key() { return parts.unprotected[1].value; }
  std::string& signature() { return parts.unprotected[2].value; }
  void Sign(const std::string& message) {
    signature() = target.key().Sign(image::host::AsBytes(message));
    Join();
  }
  std::string Hash(const std::string& bytes) const {
    return image::host::ToString(
        image::HashOf(target.rules.hash, image::host::AsBytes(bytes)).bytes());
  }
};

struct MistakeRow {
  const char* name;
  const char* code;  // nullptr: a near miss, nothing is diagnosed
  std::function<void(MistakeCase&)> spoil;
  std::optional<std::uint64_t> offset = std::nullopt;
  const char* says = "";  // found, expected, fix or command
  image::Algorithm algorithm = image::Algorithm::kP256;
};

std::ostream& operator<<(std::ostream& out, const MistakeRow& row);

// "SLOT_SIZE MAX_ALIGN"; empty for none.
std::string CodesOf(const std::vector<image::host::Diagnosis>& found);

// Makes the row's file and holds its diagnosis against it.
void ExpectDiagnosis(const MistakeRow& row);

// What else is to hold of every diagnosis; nothing, unless somebody sets it.
using DiagnosisCheck = std::function<void(const image::host::Diagnosis&)>;
DiagnosisCheck& EveryDiagnosis();

// A counter of 1 and a boot record of software type SPE.
image::mcuboot::ProtectedTlvs CounterOf(std::uint32_t value);
image::mcuboot::ProtectedTlvs Record();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_MISTAKE_CASE_H_
