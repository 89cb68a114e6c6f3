#include "firmware/image/transparency/embedded_receipt.h"

#include "firmware/image/transparency/log_entry.h"
#include "firmware/image/transparency/receipt_layout.h"

namespace bootseal::image::transparency {

Result<EmbeddedReceipt> ReadEmbeddedReceipt(Bytes value) {
  Reader reader(value);
  EmbeddedReceipt receipt;
  const std::uint32_t magic = reader.U32();
  receipt.index = reader.U64();
  receipt.size = reader.U64();
  const Bytes root = reader.Take(receipt.root.size());
  Copy(root, receipt.root);
  receipt.signature = reader.Take(kLogSignatureBytes);
  const std::size_t hashes = reader.U8();
  const std::uint8_t zero = reader.U8();
  const std::size_t entry = reader.U16();
  receipt.path = reader.Take(hashes * sizeof(TreeHash));
  receipt.entry = reader.Take(entry);
  if (!reader.done() || magic != kReceiptMagic || zero != 0 ||
      hashes > kMostPathHashes || entry < kEntryHeadBytes) {
    return Error::kReceiptFormat;
  }
  return receipt;
}

Error CheckPath(const EmbeddedReceipt& receipt) {
  return VerifyPath(LeafHash(receipt.entry), receipt.index, receipt.size,
                    receipt.path, receipt.root);
}

}  // namespace bootseal::image::transparency
