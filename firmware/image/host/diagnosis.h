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
  std::string fix;  // what to do, in words
  // To be pasted into a shell as it is; the user's own files are payload.bin,
  // image.bin and DEVICE.pem. Empty where no command can do it.
  std::string command = {};
};

// How the image came here.
struct FileWords {
  std::optional<std::uint32_t> hex_address = {};  // of a HEX file
  std::string path = "image.bin";
};

// What the detectors look at.
struct Evidence {
  const mcuboot::Rules& rules;
  Bytes file;
  mcuboot::Reading reading;  // with the target's hash
  SlotFacts slot;
  TargetWords target;
  FileWords words;
  ImageWords image;  // what the file holds, to be made anew

  bool whole() const { return reading.error == Error::kOk; }
  // Offset of bytes that lie in the file.
  std::uint64_t OffsetOf(Bytes part) const {
    return static_cast<std::uint64_t>(part.data() - file.data());
  }
};

Evidence Gather(const mcuboot::Rules& rules, Bytes file,
                const TargetWords& target, const FileWords& words = {});

// One that does not know the version cannot be pasted: there is none then.
std::string SignCommandFor(const Evidence& evidence);
std::string ImgtoolCommandFor(const Evidence& evidence);

using Detector = std::optional<Diagnosis> (*)(const Evidence&);

// The parts of the table, in the order in which one would look.
std::span<const Detector> FileDetectors();       // is it an image at all?
std::span<const Detector> ContentDetectors();    // encrypted, compressed
std::span<const Detector> LayoutDetectors();     // slot, padding, addresses
std::span<const Detector> SignatureDetectors();  // who signed what

// What every detector found; none for an image that is right.
std::vector<Diagnosis> Diagnose(const Evidence& evidence);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_DIAGNOSIS_H_
