// A slot's content as MCUboot reads it: no rule of ours, no bounds but its own.
// TLVs of both areas are one sequence to it. Source: MCUboot
// boot/bootutil/src/tlv.c; facts: mcuboot 3.3. Not thread-safe: digests are
// kept.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_SLOT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_SLOT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image::host {

struct SlotTlv {
  std::uint16_t type = 0;
  std::string value;
  std::uint64_t offset = 0;  // of its header, from the image's start
  bool is_protected = false;
};

class SlotImage {
 public:
  // `image` must outlive it.
  explicit SlotImage(Bytes image);

  std::uint32_t magic() const { return magic_; }
  const mcuboot::Header& header() const { return header_; }
  // Of header, payload and protected area by the header's account.
  std::uint64_t signed_size() const;
  // As much of that as there is.
  Bytes signed_range() const;
  // Over the signed range; empty when the image is cut short.
  const Digest& digest(HashAlgorithm algorithm) const;

  // What is wrong with the info headers; empty when they will do.
  const std::string& area_problem() const { return area_problem_; }
  // End of the unprotected area.
  std::uint64_t end() const { return end_; }
  // Up to the first that overruns; tlv_problem() then says which.
  const std::vector<SlotTlv>& tlvs() const { return tlvs_; }
  const std::string& tlv_problem() const { return tlv_problem_; }

 private:
  struct Info {
    std::uint16_t magic;
    std::uint16_t size;
  };
  std::string Read(std::uint64_t offset, std::size_t size) const;
  Info ReadInfo(std::uint64_t offset) const;
  void ReadHeader();
  void ReadAreas();
  void ReadTlvs(std::uint64_t offset);

  Bytes image_;
  std::uint32_t magic_ = 0;
  mcuboot::Header header_;
  std::string area_problem_;
  std::uint64_t end_ = 0;
  std::vector<SlotTlv> tlvs_;
  std::string tlv_problem_;
  mutable std::map<HashAlgorithm, Digest> digests_;
};

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_SLOT_H_
