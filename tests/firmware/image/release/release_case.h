// A release of one FIP, signed, and receipts of it.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_RELEASE_RELEASE_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_RELEASE_RELEASE_CASE_H_

#include <string>

#include "firmware/image/host/release_manifest.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {

image::host::ReleaseManifest FipManifest(std::uint32_t metadata_version);

struct SignedText {
  std::string envelope;
  std::string signature;
  std::string digest;
};
// `manifest`: any text.
SignedText SignedManifest(const SigningKey& key, const std::string& manifest);

// Head and body of a log entry; `kind`: the number of the event.
std::string EntryOf(const std::string& digest, const std::string& body,
                    char kind = 10);

// A log of one entry, "log.example".
class TestLog {
 public:
  TestLog();
  std::string verifier_key() const { return verifier_key_; }
  std::string Receipt(const std::string& entry) const;

 private:
  SigningKey key_;
  std::string verifier_key_;
  std::string id_;  // 4 bytes
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_RELEASE_RELEASE_CASE_H_
