// What a second stage says, as its tests expect it.
#ifndef BOOTSEAL_TESTS_QEMU_SECOND_STAGE_CASE_H_
#define BOOTSEAL_TESTS_QEMU_SECOND_STAGE_CASE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/fwu/selection.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/result.h"
#include "firmware/second_stage/report.h"
#include "tests/qemu/package_device.h"

namespace bootseal::tests {

using image::Error;
using image::fwu::BankState;
using image::fwu::BootReason;
using testing::HasSubstr;
using testing::Not;

// "digest does not match (0x12345678)"
inline std::string ErrorText(Error error) {
  return absl::StrFormat("%s (0x%08x)", image::Text(error),
                         static_cast<unsigned>(error));
}
inline std::string RefusalLine(Error error) {
  return absl::StrCat("bootseal: refused: ", ErrorText(error), "\n");
}
inline std::string BankRefusal(int bank, const std::string& about,
                               Error error) {
  return absl::StrCat("bank ", bank, ": refused: ", about, ": ",
                      ErrorText(error), "\n");
}

// The register of a boot for this reason, with these banks tried in vain.
inline std::uint32_t ReportOf(BootReason reason, std::uint32_t failed = 0) {
  return second_stage::kReportTag | failed << 4 |
         (static_cast<std::uint32_t>(reason) + 1);
}

// What the non-trusted firmware says that was started last, up to its end.
inline std::string Hello(const std::string& text) {
  return absl::StrCat("nt-fw: ", text, ", boot ");
}

// Release 1 in bank 0, release 2 with counter 6 in bank 1; both stop.
inline PackageDeviceOrder TwoReleases(const PackageBoard& board) {
  PackageDeviceOrder order;
  order.fips[0] = PackageFor(board, {.text = "release 1, stop", .counter = 5});
  order.fips[1] = PackageFor(board, {.text = "release 2, stop", .counter = 6});
  return order;
}

// The same while bank 1 is tried.
inline PackageDeviceOrder OnTrial(const PackageBoard& board) {
  PackageDeviceOrder order = TwoReleases(board);
  order.active = 1;
  order.previous = 0;
  order.states[1] = BankState::kValid;
  return order;
}

// Of the image `uuid` in a package's bytes.
inline std::uint64_t OffsetOf(const std::string& package,
                              const image::fip::Uuid& uuid) {
  const auto toc =
      image::fip::ReadToc(image::host::AsBytes(package), package.size());
  return image::fip::Find(*toc, uuid)->offset;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_QEMU_SECOND_STAGE_CASE_H_
