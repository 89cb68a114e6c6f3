// Mistakes that people make with images, recognised by what they leave in the
// file: not which rule fails, but how it came to. Facts: mcuboot 2.6, 5.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_DIAGNOSIS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_DIAGNOSIS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firmware/image/bytes.h"
#include "firmware/image/host/sign_command.h"
#include "firmware/image/host/slot_facts.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

struct Diagnosis {
  std::string code;  // "HEADER_DOUBLED"; stable
  std::string found;
  std::optional<std::uint64_t> offset;  // where, in the file
  std::string expected;
  std::string fix;  // what to do, with the command where there is one
};

// What the detectors look at.
struct Evidence {
  const mcuboot::Rules& rules;
  Bytes file;
  mcuboot::Reading reading;  // with the target's hash
  SlotFacts slot;
  TargetWords target;
  std::optional<std::uint32_t> hex_address;  // of a HEX file

  bool whole() const { return reading.error == Error::kOk; }
  // Nothing when there is no header.
  std::optional<mcuboot::Version> version() const {
    if (reading.facts.header.header_size == 0) return std::nullopt;
    return reading.facts.header.version;
  }
  // Offset of bytes that lie in the file.
  std::uint64_t OffsetOf(Bytes part) const {
    return static_cast<std::uint64_t>(part.data() - file.data());
  }
};

Evidence Gather(const mcuboot::Rules& rules, Bytes file,
                const TargetWords& target,
                std::optional<std::uint32_t> hex_address = {});

using Detector = std::optional<Diagnosis> (*)(const Evidence&);

// The parts of the table, in the order in which one would look.
std::span<const Detector> FileDetectors();       // is it an image at all?
std::span<const Detector> LayoutDetectors();     // slot, padding, addresses
std::span<const Detector> SignatureDetectors();  // who signed what

// What every detector found; none for an image that is right.
std::vector<Diagnosis> Diagnose(const Evidence& evidence);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_DIAGNOSIS_H_
