// Writes the end of a padded file: signing code, never on a device.
#include "firmware/image/mcuboot/trailer.h"

#include <array>

namespace bootseal::image::mcuboot {
namespace {

// Source: MCUboot boot/bootutil/include/bootutil/bootutil_public.h.
constexpr std::array<std::uint8_t, kTrailerMagicBytes> kMagicOfEight = {
    0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
    0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};
// With any other alignment the magic starts with the alignment itself.
constexpr std::array<std::uint8_t, kTrailerMagicBytes - 2> kMagicTail = {
    0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d,
    0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a};

constexpr std::uint8_t kFlagSet = 0x01;

void WriteMagic(std::uint32_t max_align, Writer& writer) {
  if (max_align == 8) {
    writer.Append(std::as_bytes(std::span(kMagicOfEight)));
    return;
  }
  writer.U16(static_cast<std::uint16_t>(max_align));
  writer.Append(std::as_bytes(std::span(kMagicTail)));
}

}  // namespace

Result<Bytes> WriteTrailer(const Rules& rules, TrailerKind kind,
                           std::byte erased, MutableBytes buffer) {
  const std::size_t cell = rules.max_align;
  if (cell != 8 && cell != 16 && cell != 32) return Error::kRules;
  Writer writer(buffer);
  if (kind == TrailerKind::kConfirm &&
      rules.strategy != Strategy::kOverwriteOnly) {
    writer.U8(kFlagSet);
    writer.Repeat(erased, cell - 1);
    // The magic's cell is a multiple of the alignment; it fills its end.
    if (cell > kTrailerMagicBytes) {
      writer.Repeat(erased, cell - kTrailerMagicBytes);
    }
  }
  WriteMagic(rules.max_align, writer);
  if (!writer.ok()) return Error::kBufferTooSmall;
  return writer.written();
}

}  // namespace bootseal::image::mcuboot
