// What a comparison found, for tests of it.
#ifndef BOOTSEAL_TESTS_CLIENT_BOOTLOADER_FINDINGS_H_
#define BOOTSEAL_TESTS_CLIENT_BOOTLOADER_FINDINGS_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/bootloader/compare.h"

namespace bootseal::tests {

inline std::vector<std::string> Differing(
    const std::vector<bootloader::Finding>& findings) {
  std::vector<std::string> names;
  for (const bootloader::Finding& each : findings) {
    if (each.verdict == bootloader::Verdict::kDiffer)
      names.push_back(each.setting);
  }
  return names;
}

inline bootloader::Finding Named(
    const std::vector<bootloader::Finding>& findings, const std::string& name) {
  for (const bootloader::Finding& each : findings) {
    if (each.setting == name) return each;
  }
  ADD_FAILURE() << name;
  return {};
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_BOOTLOADER_FINDINGS_H_
