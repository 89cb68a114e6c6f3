#include "firmware/image/transparency/embedded_receipt.h"
#include "firmware/image/transparency/log_entry.h"
#include "firmware/image/transparency/receipt_layout.h"

namespace bootseal::image::transparency {
namespace {

bool HasForm(const EmbeddedReceipt& receipt) {
  constexpr std::size_t kMostEntryBytes = 0xffff;
  return receipt.signature.size() == kLogSignatureBytes &&
         receipt.path.size() % sizeof(TreeHash) == 0 &&
         receipt.path.size() / sizeof(TreeHash) <= kMostPathHashes &&
         receipt.entry.size() >= kEntryHeadBytes &&
         receipt.entry.size() <= kMostEntryBytes;
}

}  // namespace

Result<Bytes> WriteEmbeddedReceipt(const EmbeddedReceipt& receipt,
                                   MutableBytes buffer) {
  if (!HasForm(receipt)) return Error::kReceiptFormat;
  Writer writer(buffer);
  writer.U32(kReceiptMagic);
  writer.U64(receipt.index);
  writer.U64(receipt.size);
  writer.Append(receipt.root);
  writer.Append(receipt.signature);
  writer.U8(static_cast<std::uint8_t>(receipt.path.size() / sizeof(TreeHash)));
  writer.U8(0);
  writer.U16(static_cast<std::uint16_t>(receipt.entry.size()));
  writer.Append(receipt.path);
  writer.Append(receipt.entry);
  if (!writer.ok()) return Error::kBufferTooSmall;
  return writer.written();
}

}  // namespace bootseal::image::transparency
