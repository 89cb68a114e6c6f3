// Two images of one line of imgtool's, signed with different keys.
#ifndef BOOTSEAL_TESTS_INTEGRATION_IMAGE_COMPARISON_H_
#define BOOTSEAL_TESTS_INTEGRATION_IMAGE_COMPARISON_H_

#include <cstdint>
#include <string>

namespace bootseal::tests {

// They differ in nothing but key, signature, and what comes of them.
void ExpectSame(const std::string& server, const std::string& local);

// The image with its payload as the device of `private_key` (PEM) decrypts it,
// with the key in the TLV of `type`; fails the test when that does not work.
std::string DecryptedImage(const std::string& image, std::uint16_t type,
                           const std::string& private_key);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_INTEGRATION_IMAGE_COMPARISON_H_
