// A disk in memory, and a partition table on it.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_GPT_MEMORY_DISK_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_GPT_MEMORY_DISK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "firmware/image/gpt/gpt.h"

namespace bootseal::tests {

class MemoryDisk final : public image::gpt::Disk {
 public:
  explicit MemoryDisk(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t sectors() const override {
    return bytes_.size() / image::gpt::kSectorBytes;
  }
  image::Error Read(std::uint64_t sector, image::MutableBytes buffer) override;

  std::string& bytes() { return bytes_; }
  // Cannot be read from now on.
  void Break(std::uint64_t sector) { broken_ = sector; }

 private:
  std::string bytes_;
  std::optional<std::uint64_t> broken_;
};

image::gpt::Partition NamedPartition(const std::string& name,
                                     const image::Guid& type,
                                     const image::Guid& unique,
                                     std::uint64_t first, std::uint64_t last);

// 256 sectors; two tables of 128 entries as every tool makes them.
std::string PartitionedDisk(
    const std::vector<image::gpt::Partition>& partitions);
// One of fip-a, fip-b and metadata1, from sector 40 on.
std::string SmallFirmwareDisk();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_GPT_MEMORY_DISK_H_
