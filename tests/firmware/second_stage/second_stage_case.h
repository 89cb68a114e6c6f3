// A simulated board with two releases on its flash.
#ifndef BOOTSEAL_TESTS_FIRMWARE_SECOND_STAGE_SECOND_STAGE_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_SECOND_STAGE_SECOND_STAGE_CASE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/layout/create.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/host/convert.h"
#include "firmware/second_stage/report.h"
#include "tests/firmware/image/certificate/package_case.h"
#include "tests/firmware/second_stage/simulated_board.h"

namespace bootseal::tests {

using image::certificate::ImageRole;
using image::fwu::BankState;

struct FlashOrder {
  std::string store = "sd";
  std::uint32_t active = 0;
  BankState states[2] = {BankState::kAccepted, BankState::kAccepted};
};

// SmallImages() under the bank's name, with its counter: bank 0 has 5, bank 1
// has 6.
inline std::array<std::string, image::certificate::kImageRoles> ImagesOf(
    int bank) {
  auto images = SmallImages();
  for (std::string& image : images) {
    if (!image.empty()) image += bank == 0 ? " of release 1" : " of release 2";
  }
  return images;
}

inline std::string PackageWith(
    const std::array<std::string, image::certificate::kImageRoles>& images,
    std::uint32_t counter) {
  image::host::CertificateRequest request = SmallRequest();
  request.trusted_counter = counter;
  request.non_trusted_counter = counter;
  for (std::size_t i = 0; i < images.size(); ++i) {
    request.digests[i] = images[i].empty() ? "" : Sha256(images[i]);
  }
  return FipOf(SignedAll(request), images);
}

inline std::string NewPackage(int bank) {
  return PackageWith(ImagesOf(bank), bank == 0 ? 5 : 6);
}

inline const std::string& PackageOf(int bank) {
  static const auto* packages =
      new std::array<std::string, 2>{NewPackage(0), NewPackage(1)};
  return (*packages)[static_cast<std::size_t>(bank)];
}

inline std::string MetadataOf(const FlashOrder& order) {
  image::fwu::Metadata metadata;
  metadata.active = order.active;
  metadata.previous = 1 - order.active;
  metadata.geometry = {2, 1};
  metadata.images[0].type = image::guids::kFip;
  metadata.images[0].banks[0].guid = image::guids::kFipA;
  metadata.images[0].banks[1].guid = image::guids::kFipB;
  for (std::size_t bank = 0; bank < 2; ++bank) {
    metadata.states[bank] = order.states[bank];
    metadata.images[0].banks[bank].accepted =
        order.states[bank] == BankState::kAccepted;
  }
  std::array<std::byte, 512> buffer;
  return image::host::ToString(
      *image::fwu::WriteMetadata(metadata, {}, buffer));
}

inline std::string FlashOf(const FlashOrder& order) {
  layout::CreateOrder create{{*layout::FindBoard("stm32mp157"),
                              *layout::FindStore(order.store),
                              layout::GenerationOf(2)}};
  create.metadata = MetadataOf(order);
  create.fip_a = PackageOf(0);
  create.fip_b = PackageOf(1);
  auto created = layout::CreateFlash(create, "flash");
  if (!created.ok()) {
    ADD_FAILURE() << created.status();
    return "";
  }
  std::string flash(created->image.size(), '\0');
  EXPECT_EQ(created->image.ReadAt(
                0, {reinterpret_cast<std::byte*>(flash.data()), flash.size()}),
            absl::OkStatus());
  return flash;
}

inline std::uint64_t OffsetOn(const std::string& store, const char* place) {
  return layout::FindPlace(*layout::FindStore(store), place)->offset;
}

// Board(), as after the start of an accepted bank 0.
inline SimulatedBoard& FreshBoard(const FlashOrder& order) {
  SimulatedBoard& board = Board();
  board = SimulatedBoard();
  board.storage = FlashOf(order);
  board.of(boards::BackupRegister::kBoot) = 0x30;
  board.of(boards::BackupRegister::kDomain) = second_stage::kDomainWord;
  board.counter = 5;
  board.key_hash = image::host::ToString(SmallRules().root_key_hash);
  return board;
}

inline FlashOrder Trial() {
  return {.active = 1, .states = {BankState::kAccepted, BankState::kValid}};
}

// Every image that the package has lies in its area as it was signed.
inline bool RunsRelease(const SimulatedBoard& board, int bank) {
  const auto images = ImagesOf(bank);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto role = static_cast<ImageRole>(i);
    if (board.Loaded(role, images[i].size()) != images[i]) return false;
  }
  return true;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_SECOND_STAGE_SECOND_STAGE_CASE_H_
