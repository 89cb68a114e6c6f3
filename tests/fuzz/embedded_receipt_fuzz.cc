// Any bytes as the receipt of an image: what can be read is written to the same
// bytes, and nobody has the log's key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/receipt_checks.h"
#include "firmware/image/transparency/embedded_receipt.h"
#include "firmware/image/transparency/log_entry.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/receipt_log.h"

namespace {

namespace image = bootseal::image;
namespace transparency = bootseal::image::transparency;
using bootseal::tests::FuzzInput;
using bootseal::tests::ReceiptLog;
using bootseal::tests::ReceiptParts;

void Check(bool holds) {
  if (!holds) std::abort();
}

void ReadAndWrite(image::Bytes value) {
  const auto receipt = transparency::ReadEmbeddedReceipt(value);
  if (!receipt.ok()) return;
  std::string buffer(value.size(), '\0');
  const auto written = transparency::WriteEmbeddedReceipt(
      *receipt, std::as_writable_bytes(std::span(buffer)));
  Check(written.ok() && image::Equal(*written, value));
  (void)transparency::CheckPath(*receipt);
  (void)transparency::ReadEntryHead(receipt->entry);
  (void)transparency::CheckAllowed(receipt->entry);
}

// The receipt of an image with edits: only one that was not touched, or whose
// edits undid each other, holds.
void Edited(FuzzInput& input) {
  static const auto* const log = new ReceiptLog;
  static const auto* const good = new std::string(
      log->Add(
             bootseal::tests::TestEntry{.digest = std::string(32, 'd')}.bytes())
          .bytes());
  std::string value = *good;
  while (input.remaining_bytes() > 0) {
    const auto at =
        input.ConsumeIntegralInRange<std::size_t>(0, value.size() - 1);
    value[at] = static_cast<char>(input.ConsumeByte());
  }
  ReadAndWrite(image::host::AsBytes(value));
  image::mcuboot::ReceiptRules receipt = log->rules();
  image::mcuboot::Rules rules;
  rules.receipt = &receipt;
  const std::string digest(32, 'd');
  const std::string area =
      bootseal::tests::Area(image::mcuboot::kUnprotectedMagic,
                            {{image::mcuboot::tlv::kReceipt, value}});
  image::mcuboot::Facts facts;
  facts.digest = image::Digest(image::host::AsBytes(digest));
  facts.unprotected_area = image::host::AsBytes(area);
  bool holds = true;
  for (const auto check : {image::mcuboot::checks::ReceiptIsThere,
                           image::mcuboot::checks::ReceiptIsAlone,
                           image::mcuboot::checks::ReceiptIsWellFormed,
                           image::mcuboot::checks::ReceiptNamesTheImage,
                           image::mcuboot::checks::ReceiptAllowsTheSignature,
                           image::mcuboot::checks::ReceiptLeadsToItsCheckpoint,
                           image::mcuboot::checks::CheckpointIsSigned}) {
    if (check(rules, facts) != image::Error::kOk) holds = false;
  }
  Check(holds == (value == *good));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  ReadAndWrite(std::as_bytes(std::span(data, size)));
  FuzzInput input(data, size);
  Edited(input);
  return 0;
}
