// A device in memory that loses its power, or refuses to be written, at any
// point of any write. A block device replaces a sector from its front; raw
// flash erases a block to 0xff and then programs it. Not thread-safe.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_SIMULATED_FLASH_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_SIMULATED_FLASH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/fwu/storage.h"

namespace bootseal::fwu {

enum class Medium { kBlock, kRawFlash };

// One unit of one write, from the first byte of its front to the last.
struct UnitWrite {
  std::uint64_t offset = 0;
  std::string content;
};

class SimulatedFlash final : public Storage {
 public:
  SimulatedFlash(std::string bytes, std::uint32_t unit, Medium medium)
      : bytes_(std::move(bytes)), unit_(unit), medium_(medium) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::uint32_t unit() const override { return unit_; }
  absl::Status Read(std::uint64_t offset, image::MutableBytes to) override;
  absl::Status Write(std::uint64_t offset, image::Bytes from) override;
  absl::Status Flush() override;

  Medium medium() const { return medium_; }
  const std::string& bytes() const { return bytes_; }
  std::string& mutable_bytes() { return bytes_; }

  // After this many more units the next one is torn at `torn_at` bytes, and
  // nothing works until Recover().
  void FailAfter(std::size_t units, std::size_t torn_at);
  void Recover() { units_left_.reset(), failed_ = false; }
  bool failed() const { return failed_; }

  // Called before each Write: whether all that was written before is flushed,
  // and was read since.
  void OnWriteCall(
      std::function<void(std::uint64_t offset, bool settled)> call) {
    on_write_call_ = std::move(call);
  }
  // Called with every unit before it is written.
  void OnWrite(std::function<void(const UnitWrite&)> call) {
    on_write_ = std::move(call);
  }
  // Bits that stick: reading gives another byte than was written.
  void CorruptReadsAt(std::uint64_t offset) { corrupt_at_ = offset; }

 private:
  absl::Status WriteUnit(const UnitWrite& write);
  bool Settled() const { return unflushed_.empty() && unread_.empty(); }

  std::string bytes_;
  std::uint32_t unit_;
  Medium medium_;
  std::optional<std::size_t> units_left_;
  std::size_t torn_at_ = 0;
  bool failed_ = false;
  std::optional<std::uint64_t> corrupt_at_;
  std::function<void(const UnitWrite&)> on_write_;
  std::function<void(std::uint64_t, bool)> on_write_call_;
  std::set<std::uint64_t> unflushed_;  // units
  std::set<std::uint64_t> unread_;     // flushed, and not read since
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_SIMULATED_FLASH_H_
