// Writes the end of a padded file: signing code, never on a device.
#include "firmware/image/mcuboot/trailer.h"

#include "firmware/image/mcuboot/trailer_layout.h"

namespace bootseal::image::mcuboot {

Result<Bytes> WriteTrailer(const Rules& rules, TrailerKind kind,
                           std::byte erased, MutableBytes buffer) {
  const std::size_t cell = rules.max_align;
  if (cell != 8 && cell != 16 && cell != 32) return Error::kRules;
  Writer writer(buffer);
  if (kind == TrailerKind::kConfirm &&
      rules.strategy != Strategy::kOverwriteOnly) {
    writer.Repeat(kFlagSet, 1);
    writer.Repeat(erased, cell - 1);
    // The magic's cell is a multiple of the alignment; it fills its end.
    if (cell > kTrailerMagicBytes) {
      writer.Repeat(erased, cell - kTrailerMagicBytes);
    }
  }
  writer.Append(TrailerMagicOf(rules.max_align));
  if (!writer.ok()) return Error::kBufferTooSmall;
  return writer.written();
}

}  // namespace bootseal::image::mcuboot
