// A flash held against what its bootloader demands. Each finding is made by one
// function of the tables below; a new one is a function and a row. Facts: fwu
// 1.5 to 1.9, 2.1 to 2.3, 2.6, 7.4; TF-A's partition driver. Thread-safe.
#ifndef BOOTSEAL_CLIENT_LAYOUT_CHECK_H_
#define BOOTSEAL_CLIENT_LAYOUT_CHECK_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/layout/report.h"

namespace bootseal::layout {

using Check = std::vector<Finding> (*)(const Evidence&);

std::span<const Check> TableChecks();      // MBR, both GPTs
std::span<const Check> PartitionChecks();  // the entries of the table
std::span<const Check> MetadataChecks();   // both replicas, the GUIDs in them
std::span<const Check> ContentChecks();    // banks, first-stage bootloaders

Report CheckFlash(fwu::ByteSource& flash, const Build& build,
                  const std::string& path);

// A command line's wish; what is not said is found on the flash.
struct CheckOrder {
  const Board* board = nullptr;            // default: any STM32MP1
  const StoreLayout* store = nullptr;      // default: sd, or nor or nand by
                                           // where the metadata is
  const Generation* generation = nullptr;  // default: by metadata's version
  Images images = Images::kFip;
};

// INVALID_ARGUMENT (STORE_UNKNOWN): neither a partition table nor metadata, and
// no store was named.
absl::StatusOr<Report> CheckFlash(fwu::ByteSource& flash,
                                  const CheckOrder& order,
                                  const std::string& path);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_CHECK_H_
