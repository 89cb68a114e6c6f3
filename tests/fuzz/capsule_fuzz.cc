// Any bytes as a capsule, and as one with sizes that fit: what is read is
// written again as it was, and no certificate opens it but with its key's
// signature.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/capsule.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/signed_data.h"
#include "tests/support/test_capsule.h"

namespace {

using namespace bootseal::image::host;
using bootseal::tests::SharedCapsuleKey;

void Demand(bool holds) {
  if (!holds) std::abort();
}

void RequireSound(absl::string_view file) {
  const auto read = ReadCapsuleFront(file, file.size());
  if (!read.ok()) return;
  Demand(read->size + read->firmware_size == file.size());
  const auto written =
      WriteCapsuleFront(read->header, read->signed_data, read->firmware_size);
  Demand(written.ok() && *written == file.substr(0, read->size));
  (void)SignatureIn(read->signed_data);
  (void)CertificateIn(read->signed_data);
  // Nobody here has the key.
  Demand(!OpenCapsule(file, SharedCapsuleKey().certificate).ok());
}

void RequireMark(absl::string_view file) {
  if (const auto type = ReadAcceptCapsule(file); type.ok()) {
    Demand(WriteAcceptCapsule(*type) == file);
  }
  if (CheckRevertCapsule(file).ok()) Demand(WriteRevertCapsule() == file);
}

void Put32(std::size_t at, std::uint64_t value, std::string& file) {
  if (at + 4 > file.size()) return;
  for (std::size_t i = 0; i < 4; ++i) {
    file[at + i] = static_cast<char>(value >> (8 * i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  RequireSound(file);
  RequireMark(file);
  Put32(0x18, size, file);
  Put32(0x44, size - std::min<std::size_t>(size, 0x5c), file);
  RequireSound(file);
  RequireMark(file);
  (void)VerifySignedData(file, std::string(32, 'd'),
                         SharedCapsuleKey().certificate);
  (void)CapsuleCertificate::Parse(file);
  return 0;
}
