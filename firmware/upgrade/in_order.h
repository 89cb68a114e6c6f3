// The order in which the images of a device are looked at and installed, for
// strategies that move them. `Installer` is one image of it:
//
//   Installer(rules, number)
//   Error Prepare(Outcome&)   finish what was begun; verify what waits
//   bool installs() const     whether Install() would do anything
//   bool moves() const        the same, or Prepare() finished something
//   void Leave()              do nothing after all
//   void KeepPrimary()        the same, of a revert
//   Bytes candidate() const   the slot of the image that will be started
//   Error Install(Outcome&)
//   Result<Verified> Verify() of the primary slot
//   Error Settle()            once every image was verified
#ifndef BOOTSEAL_FIRMWARE_UPGRADE_IN_ORDER_H_
#define BOOTSEAL_FIRMWARE_UPGRADE_IN_ORDER_H_

#include <images_here.h>

#include <array>
#include <cstdint>

#include "firmware/upgrade/dependencies.h"
#include "firmware/upgrade/slot.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::upgrade {

// What VerifiedBeside says.
inline constinit image::Verified beside;

template <typename Installer>
class InOrder {
 public:
  explicit InOrder(Images images) : all_(Make(images)), count_(images.size()) {}

  Outcome Run() {
    Outcome outcome;
    const image::Error written = Install(outcome);
    if (written != image::Error::kOk) {
      outcome.image = written;
      return outcome;
    }
    // The first is started, the others only have to be right.
    for (std::size_t i = count(); i > 0; --i) {
      outcome.image = all_[i - 1].Verify();
      if (!outcome.image.ok()) return outcome;
      if (i > 1) beside = *outcome.image;
    }
    for (Installer& image : Used()) {
      const image::Error settled = image.Settle();
      if (settled != image::Error::kOk) outcome.image = settled;
    }
    return outcome;
  }

 private:
  static auto Make(Images images) {
    if constexpr (kImagesHere == 1) {
      return std::array<Installer, 1>{Installer(*images.front(), 0)};
    } else {
      return std::array<Installer, 2>{
          Installer(*images.front(), 0),
          Installer(*images.back(),
                    static_cast<std::uint8_t>(images.size() - 1))};
    }
  }

  std::size_t count() const { return kImagesHere == 1 ? 1 : count_; }
  std::span<Installer> Used() { return std::span(all_).first(count()); }

  image::Error Install(Outcome& outcome) {
    bool any = false;
    for (std::size_t i = 0; i < count(); ++i) {
      BOOTSEAL_TRY(all_[i].Prepare(outcome));
      any = any || all_[i].installs();
      if (!all_[i].moves()) continue;
      // A reset came between two images: the one before looks as if it had been
      // tried, and was only installed.
      for (std::size_t before = 0; before < i; ++before) {
        all_[before].KeepPrimary();
      }
    }
    if (kImagesHere > 1 && any && count() > 1 && !GoTogether()) {
      if (outcome.refused == image::Error::kOk) {
        outcome.refused = image::Error::kDependencyMissing;
      }
      for (Installer& image : Used()) image.Leave();
    }
    for (Installer& image : Used()) BOOTSEAL_TRY(image.Install(outcome));
    return image::Error::kOk;
  }

  bool GoTogether() {
    std::array<image::Bytes, kImagesHere> slots;
    for (std::size_t i = 0; i < count(); ++i) slots[i] = all_[i].candidate();
    return DependenciesHold(std::span(slots).first(count()));
  }

  std::array<Installer, kImagesHere> all_;
  std::size_t count_;
};

template <typename Installer>
Outcome ChooseInOrder(Images images) {
  if (images.empty() || images.size() > kImagesHere) {
    return {image::Error::kRules};
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    const image::Error fits =
        CheckGeometry(*images[i], static_cast<std::uint8_t>(i));
    if (fits != image::Error::kOk) return {fits};
  }
  return InOrder<Installer>(images).Run();
}

}  // namespace bootseal::upgrade

#endif  // BOOTSEAL_FIRMWARE_UPGRADE_IN_ORDER_H_
