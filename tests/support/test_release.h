// A device with two banks of two images, and a release for it.
#ifndef BOOTSEAL_TESTS_SUPPORT_TEST_RELEASE_H_
#define BOOTSEAL_TESTS_SUPPORT_TEST_RELEASE_H_

#include <string>
#include <utility>
#include <vector>

#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::tests {

// Metadata version 2, product "board", images "fip" (64 KiB banks) and "bootfs"
// (32 KiB), readers BOOTSEAL_BOOT and U_BOOT_V2; a counter has to be given.
v1::ReleaseFormat TestReleaseFormat();
// The same with the first image alone, and every reader of version 2.
v1::ReleaseFormat TestFipFormat();

// What fiptool's files begin with, then bytes that follow from `seed`.
std::string TestFip(std::size_t bytes, char seed = 'f');

// Names with contents, in the order of the upload.
using Files = std::vector<std::pair<std::string, std::string>>;

// A release of version 1.2.3, counter 5, with a fresh request id.
v1::SignHeader ReleaseHeader(const std::string& target, const Files& files);
std::string Joined(const Files& files);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TEST_RELEASE_H_
