// A device of a test's own: its key, its rules, images sealed for it, and a
// bootloader provisioned with its rules.
#ifndef BOOTSEAL_TESTS_SUPPORT_DEVICE_H_
#define BOOTSEAL_TESTS_SUPPORT_DEVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/writer.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

// Whose arithmetic a bootloader verifies with.
enum class Crypto { kOwn, kLibrary };

class Device {
 public:
  // A fresh key; rules of slot 0 of the QEMU boards (header 0x400, slot
  // 0x80000) that demand a security counter and a boot record "SPE".
  explicit Device(image::Algorithm algorithm);

  // May be changed before images are sealed or bootloaders provisioned.
  image::mcuboot::Rules& rules() { return target_.rules; }
  const image::mcuboot::Rules& rules() const { return target_.rules; }

  // Pure Ed25519, with the hash that goes with it.
  void SignImagesThemselves() {
    target_.UseHash(image::HashAlgorithm::kSha512);
    target_.rules.pure = true;
    target_.rules.max_boot_record_size = 164;  // with two SHA-512
  }

  // More words for the command line of firmware/provision.
  void ProvisionWith(std::vector<std::string> options) {
    options_ = std::move(options);
  }

  // A security counter of 7, a boot record, a dependency on image 0, a vendor
  // TLV.
  static image::mcuboot::ProtectedTlvs Tlvs();
  // Signed whatever the TLVs are: rules are not consulted.
  std::string Seal(
      const std::string& payload,
      const image::mcuboot::ProtectedTlvs& tlvs = Tlvs(),
      const image::mcuboot::Version& version = kTestVersion) const {
    return MakeImage(target_, payload, tlvs, version);
  }

  // Whole in itself, and with a genuine signature over something else: only the
  // last comparison of the verification tells.
  std::string SealForged(const std::string& payload) const;

  // The slot as an update agent leaves it: `image`, and a trailer that asks.
  std::string WaitingSlot(const std::string& image) const;

  // The same in parts, to be changed and joined.
  ImageParts Parts(const std::string& payload) const {
    return MakeParts(target_, payload, Tlvs());
  }

  // rules.cc as firmware/provision takes it.
  std::string RulesSource() const;
  // Writes a provisioned bootloader to `elf`; empty, or what went wrong.
  std::string Provision(const std::string& board, const std::string& elf,
                        Crypto crypto = Crypto::kOwn) const {
    return ProvisionFrom(RulesSource(), board, elf, crypto);
  }
  // For two images: the rules of the other one as well.
  // `more` is put behind the rules of this one.
  std::string ProvisionPair(const Device& image1, const std::string& board,
                            const std::string& elf,
                            const std::string& more = "") const {
    return RunProvision({RulesSource() + more, image1.RulesSource()}, board,
                        elf, Crypto::kOwn);
  }
  // The same from another rules.cc.
  std::string ProvisionFrom(const std::string& source, const std::string& board,
                            const std::string& elf,
                            Crypto crypto = Crypto::kOwn) const;

 private:
  // Empty, or what firmware/provision said.
  std::string RunProvision(const std::vector<std::string>& rules_sources,
                           const std::string& board, const std::string& elf,
                           Crypto crypto) const;

  SigningKey key_;
  TestTarget target_;
  std::vector<std::string> options_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_DEVICE_H_
