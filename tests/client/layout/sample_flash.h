// Flash images that boot, and ways to spoil them.
#ifndef BOOTSEAL_TESTS_CLIENT_LAYOUT_SAMPLE_FLASH_H_
#define BOOTSEAL_TESTS_CLIENT_LAYOUT_SAMPLE_FLASH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/layout/check.h"
#include "client/layout/create.h"
#include "firmware/image/gpt/gpt.h"

namespace bootseal::layout {

// A FIP of one image, made by hand.
std::string SampleFip(std::size_t image_bytes = 1000);
// A BL2 with a header of this version, 0x00010000 or 0x00020000.
std::string SampleFsbl(std::uint32_t header_version = 0x00010000);
// One replica: two banks, as `bootseal fwu create` makes it.
std::string SampleMetadata(std::uint32_t version, absl::string_view states,
                           const std::vector<std::string>& images = {
                               "fip:fip-a,fip-b"});

Build BuildOf(absl::string_view store, std::uint32_t metadata_version = 2,
              absl::string_view board = "stm32mp157");
// Everything given: both banks, and both first-stage bootloaders where they
// have a place.
CreateOrder WholeOrder(const Build& build);

std::string BytesOf(FlashImage& image);
// Of a whole order; made once for each.
const std::string& GoodFlash(absl::string_view store,
                             std::uint32_t metadata_version = 2);

Report CheckBytes(absl::string_view bytes, const Build& build);
// Distinct reasons, in the order of the findings.
std::vector<std::string> ReasonsOf(const Report& report);
Severity SeverityOf(const Report& report, absl::string_view reason);

void Overwrite(std::string& flash, std::uint64_t offset,
               absl::string_view bytes);

// A disk whose partitions change, and whose tables fit again.
class EditedDisk {
 public:
  explicit EditedDisk(std::string bytes);

  std::vector<image::gpt::Partition>& entries() { return entries_; }
  image::gpt::Partition& Named(absl::string_view name);
  // Takes the entry out and puts it before the one at `index`.
  void Move(absl::string_view name, std::size_t index);
  void Add(absl::string_view name, std::uint64_t first, std::uint64_t last);
  void Rename(absl::string_view name, absl::string_view to);
  // The disk, its primary and its backup table written anew.
  std::string Sealed();

 private:
  std::size_t IndexOf(absl::string_view name) const;

  std::string bytes_;
  std::vector<image::gpt::Partition> entries_;  // up to the last used one
};

}  // namespace bootseal::layout

#endif  // BOOTSEAL_TESTS_CLIENT_LAYOUT_SAMPLE_FLASH_H_
