// Targets for packages and first stages of an STM32MP, and what goes into them.
#ifndef BOOTSEAL_TESTS_SUPPORT_TEST_PACKAGE_H_
#define BOOTSEAL_TESTS_SUPPORT_TEST_PACKAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::tests {

// The four that every package has, tos-fw-extra1 (at most 4 KiB) and
// tos-fw-extra2 as optional ones; at most 256 KiB; valid from 2026 on; one key
// for all. STM32MP15.
v1::FipFormat TestPackageFormat();

// Of an STM32MP15, at most 64 KiB, chips that will be closed.
v1::Stm32HeaderFormat TestFirstStageFormat();

// Name and content, in the order of the upload.
using PackageFiles = std::vector<std::pair<std::string, std::string>>;
// The four and tos-fw-extra1; tos-fw is larger than what is looked at of it.
PackageFiles TestPackageFiles();

// Their bytes one after another.
std::string PackageUpload(const PackageFiles& files);
// Version 1.2.3, counter 1, a fresh request id.
v1::SignHeader PackageHeader(const std::string& target,
                             const PackageFiles& files);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TEST_PACKAGE_H_
