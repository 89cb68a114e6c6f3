// One finding of an explanation.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_FINDING_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_FINDING_H_

#include <gtest/gtest.h>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"

namespace bootseal::tests {

inline image::host::Finding FindingOf(
    const image::host::Explanation& explanation, image::Error code) {
  for (const image::host::Finding& finding : explanation.findings) {
    if (finding.code == code) return finding;
  }
  ADD_FAILURE() << "no finding " << image::host::NameOf(code);
  return {};
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_HOST_FINDING_H_
