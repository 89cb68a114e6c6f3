#include "tests/support/receipt_cases.h"

#include <string>
#include <utility>

namespace bootseal::tests {
namespace {

using image::Error;

constexpr std::size_t kHashBytes = 32;

// The proof of an entry that says something else about the image.
void EmbedEntry(ImageParts& image, const ReceiptLog& log,
                const TestEntry& entry) {
  Embed(image, log.Add(entry.bytes()).bytes());
}

std::string BytesFor(const ImageParts& image, const ReceiptLog& log) {
  return log.For(image).bytes();
}

const ReceiptCase kCases[] = {
    {"NoReceipt", Error::kReceiptMissing,
     [](ImageParts&, const ReceiptLog&, const ImageParts&) {}},
    {"OneUnderAnotherVendorsNumber", Error::kReceiptMissing,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       image.unprotected.push_back({0xa0, BytesFor(image, log)});
     }},
    {"TwoReceipts", Error::kReceiptTwice,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       const std::string receipt = BytesFor(image, log);
       Embed(image, receipt);
       Embed(image, receipt);
     }},
    {"AGoodOneAndOneOfAnotherImage", Error::kReceiptTwice,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts& other) {
       Embed(image, BytesFor(image, log));
       Embed(image, BytesFor(other, log));
     }},
    {"NoBytes", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog&, const ImageParts&) {
       Embed(image, "");
     }},
    {"CutShortByOne", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string receipt = BytesFor(image, log);
       receipt.pop_back();
       Embed(image, receipt);
     }},
    {"CutShortInItsHead", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       Embed(image, BytesFor(image, log).substr(0, 119));
     }},
    {"OneByteTooMany", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       Embed(image, BytesFor(image, log) + '\0');
     }},
    {"AnotherMagic", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string receipt = BytesFor(image, log);
       receipt[3] = '2';
       Embed(image, receipt);
     }},
    {"TheReservedByte", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string receipt = BytesFor(image, log);
       receipt[117] = 1;
       Embed(image, receipt);
     }},
    {"SixtyFourHashes", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string receipt = BytesFor(image, log);
       const std::size_t hashes = static_cast<unsigned char>(receipt[116]);
       receipt.insert(120, (64 - hashes) * kHashBytes, '\0');
       receipt[116] = 64;
       Embed(image, receipt);
     }},
    {"AnEntryWithoutItsHead", Error::kReceiptFormat,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       std::string receipt = parts.bytes();
       receipt.resize(receipt.size() - parts.entry.size() + 71);
       receipt[118] = 71;
       receipt[119] = 0;
       Embed(image, receipt);
     }},
    {"TheReceiptOfAnotherImage", Error::kReceiptOfAnother,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts& other) {
       Embed(image, BytesFor(other, log));
     }},
    {"AnotherHashAlgorithmInTheHead", Error::kReceiptOfAnother,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       TestEntry entry{.digest = DigestOf(image)};
       entry.algorithm = static_cast<int>(entry.digest.size()) / 16 % 3 + 1;
       EmbedEntry(image, log, entry);
     }},
    {"ADigestOfWhichTheImagesIsTheBeginning", Error::kReceiptOfAnother,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string digest = DigestOf(image);
       digest.resize(digest.size() == 64 ? 48 : digest.size() + 16, 'x');
       EmbedEntry(image, log, {.digest = digest});
     }},
    {"NoDigestInTheHead", Error::kReceiptOfAnother,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       EmbedEntry(image, log, {.digest = ""});
     }},
    {"AHeadOfAnotherMagic", Error::kReceiptOfAnother,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string entry = TestEntry{.digest = DigestOf(image)}.bytes();
       entry[3] = '2';
       Embed(image, log.Add(entry).bytes());
     }},
    {"ARequestThatWaits", Error::kReceiptNotAllowed,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       EmbedEntry(image, log, {.digest = DigestOf(image), .decision = 3});
     }},
    {"ARefusal", Error::kReceiptNotAllowed,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       EmbedEntry(image, log, {.digest = DigestOf(image), .decision = 2});
     }},
    {"AnApproval", Error::kReceiptNotAllowed,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       EmbedEntry(image, log, {.digest = DigestOf(image), .kind = 15});
     }},
    {"ASigningHeadOverAnotherEvent", Error::kReceiptNotAllowed,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       TestEntry approval{.digest = DigestOf(image), .kind = 15};
       std::string entry = approval.bytes();
       entry[4] = kSigningKind;
       Embed(image, log.Add(entry).bytes());
     }},
    {"AnEntryThatEndsInTheMiddleOfAField", Error::kReceiptNotAllowed,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       std::string entry = TestEntry{.digest = DigestOf(image)}.bytes();
       entry.pop_back();
       Embed(image, log.Add(entry).bytes());
     }},
    {"TwoEventsOfWhichOneIsAllowed", Error::kReceiptNotAllowed,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       const std::string entry = TestEntry{.digest = DigestOf(image)}.bytes();
       const std::string refused =
           TestEntry{.digest = DigestOf(image), .decision = 2}.bytes();
       Embed(image, log.Add(entry + refused.substr(72)).bytes());
     }},
    {"OneBitOfThePath", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.path[kHashBytes] ^= 1;
       Embed(image, parts.bytes());
     }},
    {"OneBitOfTheEntry", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.entry[73] ^= 1;  // its time
       Embed(image, parts.bytes());
     }},
    {"OneBitOfTheRoot", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.root[31] ^= std::byte{1};
       log.SignAgain(parts);
       Embed(image, parts.bytes());
     }},
    {"AnotherIndex", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.index ^= 1;
       Embed(image, parts.bytes());
     }},
    {"AnIndexBeyondTheTree", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.index = parts.size;
       Embed(image, parts.bytes());
     }},
    {"ACheckpointSmallerThanTheIndex", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.size = parts.index;
       log.SignAgain(parts);
       Embed(image, parts.bytes());
     }},
    {"AnEmptyTree", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.size = 0;
       log.SignAgain(parts);
       Embed(image, parts.bytes());
     }},
    {"OneHashTooFew", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.path.resize(parts.path.size() - kHashBytes);
       Embed(image, parts.bytes());
     }},
    {"OneHashTooMany", Error::kReceiptPath,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.path.append(kHashBytes, '\0');
       Embed(image, parts.bytes());
     }},
    {"OneBitOfTheSignature", Error::kReceiptKey,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.signature[10] ^= 1;
       Embed(image, parts.bytes());
     }},
    {"AnotherSizeThanWasSigned", Error::kReceiptKey,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       ReceiptParts parts = log.For(image);
       parts.signature = log.Add("another entry").signature;
       Embed(image, parts.bytes());
     }},
    {"AnotherLogsKey", Error::kReceiptKey,
     [](ImageParts& image, const ReceiptLog& log, const ImageParts&) {
       const ReceiptLog stranger(log.origin());
       Embed(image, BytesFor(image, stranger));
     }},
};

}  // namespace

std::span<const ReceiptCase> BadReceipts() { return kCases; }

}  // namespace bootseal::tests
