// Releases and their bundles, signed on the spot.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_TEST_RELEASE_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_TEST_RELEASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/fwu/bundle.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::fwu {

inline constexpr char kProduct[] = "gateway";

struct TestRelease {
  image::host::ReleaseManifest manifest;
  std::vector<std::string> images;
  BundleHead head;
  std::string bundle;  // the tar
};

// What may be otherwise.
struct ReleaseOptions {
  std::string product = kProduct;
  std::uint16_t minor = 0;
  std::uint32_t counter = 5;
  std::uint32_t banks = 2;
  std::uint32_t images = 1;
  std::size_t image_bytes = (64 << 10) - 3;
  std::uint64_t bank_bytes = 64 << 10;
  image::Guid type = image::guids::kFip;
  std::uint32_t metadata_version = 2;
  // Of the first image's last bank; zeros: its own.
  image::Guid last_bank{};
};

TestRelease MakeRelease(const ReleaseOptions& options);
// Of `release`, with what was changed in it: nothing is signed anew.
std::string TarOf(const TestRelease& release);
// An envelope of `payload`, signed by the key of TestTrust().
std::string SignedEnvelope(const std::string& payload);

image::host::ReleaseTrust TestTrust();
Bundle OpenTestBundle(const TestRelease& release);

// Of image `image` in bank `bank`; the first image's are fip-a and fip-b.
image::Guid BankGuid(std::size_t image, std::size_t bank);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_TEST_RELEASE_H_
