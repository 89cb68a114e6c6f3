#include "firmware/second_stage/package.h"

#include <array>

#include "firmware/boards/second_stage.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/fip/toc.h"

namespace bootseal::second_stage {
namespace {

using image::Error;
using image::MutableBytes;
using image::Result;
using namespace image::certificate;
namespace fip = image::fip;

// Too much for a stack.
struct Buffers {
  alignas(4) std::array<std::byte, fip::kMaxTocBytes> table;
  alignas(
      4) std::array<std::array<std::byte, kMaxCertificateBytes>, kRoles> ders;
  // Bytes in each image's place that are nobody's until all is verified.
  std::array<std::size_t, kImageRoles> loaded;
};
constinit Buffers buffers{};

Result<fip::Toc> ReadTable(const Area& bank) {
  const std::size_t size = bank.bytes < fip::kMaxTocBytes
                               ? static_cast<std::size_t>(bank.bytes)
                               : fip::kMaxTocBytes;
  const MutableBytes front = MutableBytes(buffers.table).first(size);
  BOOTSEAL_TRY(ReadArea(bank, 0, front));
  return fip::ReadToc(front, bank.bytes);
}

Error AddCertificate(const Area& bank, const fip::Toc& toc, std::size_t index,
                     Verifier& verifier) {
  const Result<fip::Entry> entry = fip::Find(toc, kRoleTraits[index].uuid);
  // What is missing is for the rules to say.
  if (entry.error() == Error::kFipNoEntry) return Error::kOk;
  if (!entry.ok()) return entry.error();
  if (entry->size > kMaxCertificateBytes) return Error::kCertificateForm;
  const MutableBytes der = MutableBytes(buffers.ders[index])
                               .first(static_cast<std::size_t>(entry->size));
  BOOTSEAL_TRY(ReadArea(bank, entry->offset, der));
  return verifier.AddCertificate(static_cast<Role>(index), der);
}

void Clear(MutableBytes bytes) {
  while (!bytes.empty()) {
    const std::size_t step =
        bytes.size() < boards::kFeedBytes ? bytes.size() : boards::kFeedBytes;
    image::Fill(bytes.first(step), std::byte{0});
    boards::FeedWatchdog();
    bytes = bytes.subspan(step);
  }
}

// Nothing of a package that is refused stays where the next one runs.
void ClearLoaded() {
  for (std::size_t index = 0; index < kImageRoles; ++index) {
    const MutableBytes area = boards::LoadArea(static_cast<ImageRole>(index));
    Clear(area.first(buffers.loaded[index]));
    buffers.loaded[index] = 0;
  }
}

// As much as the watchdog may have to wait for. Each piece ends with a block:
// none is read twice.
Error ReadImage(const Area& bank, std::uint64_t offset, MutableBytes to) {
  while (!to.empty()) {
    const std::size_t piece =
        boards::kFeedBytes -
        static_cast<std::size_t>(offset % boards::kBlockBytes);
    const std::size_t step = to.size() < piece ? to.size() : piece;
    BOOTSEAL_TRY(ReadArea(bank, offset, to.first(step)));
    boards::FeedWatchdog();
    to = to.subspan(step);
    offset += step;
  }
  return Error::kOk;
}

Error AddImage(const Area& bank, const fip::Toc& toc, std::size_t index,
               Verifier& verifier) {
  const Result<fip::Entry> entry = fip::Find(toc, kImageTraits[index].uuid);
  if (entry.error() == Error::kFipNoEntry) return Error::kOk;
  if (!entry.ok()) return entry.error();
  const ImageRole role = static_cast<ImageRole>(index);
  const MutableBytes area = boards::LoadArea(role);
  if (area.empty()) return Error::kUnsupported;
  if (entry->size > area.size()) return Error::kImageTooLarge;
  const MutableBytes content =
      area.first(static_cast<std::size_t>(entry->size));
  buffers.loaded[index] = content.size();
  BOOTSEAL_TRY(ReadImage(bank, entry->offset, content));
  return verifier.AddImage(role, content,
                           {boards::kFeedBytes, boards::FeedWatchdog});
}

Result<VerifiedPackage> Verify(const Area& bank, const Rules& rules,
                               Place& place) {
  place = {};
  const Result<fip::Toc> toc = ReadTable(bank);
  if (!toc.ok()) return toc.error();
  Verifier verifier(rules);
  for (std::size_t index = 0; index < kRoles; ++index) {
    place = {About::kCertificate, index};
    BOOTSEAL_TRY(AddCertificate(bank, *toc, index, verifier));
  }
  for (std::size_t index = 0; index < kImageRoles; ++index) {
    place = {About::kImage, index};
    BOOTSEAL_TRY(AddImage(bank, *toc, index, verifier));
  }
  boards::FeedWatchdog();
  const Result<VerifiedPackage> verdict = verifier.Finish();
  place = verifier.place();
  return verdict;
}

}  // namespace

Result<VerifiedPackage> VerifyPackage(const Area& bank, const Rules& rules,
                                      Place& place) {
  buffers.loaded = {};
  const Result<VerifiedPackage> verdict = Verify(bank, rules, place);
  if (!verdict.ok()) ClearLoaded();
  return verdict;
}

}  // namespace bootseal::second_stage
