#include "tests/client/witness/growth.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "base/file.h"
#include "client/witness/cosigner.h"
#include "firmware/image/host/add_checkpoint.h"
#include "tests/support/printed_keys.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

image::host::AddCheckpoint Request(const TestLog& log, std::uint64_t old_size,
                                   std::uint64_t size) {
  image::host::AddCheckpoint request{
      old_size, {}, log.Note(size, RootOf(size))};
  if (old_size == 0 || old_size >= size) return request;
  for (const std::string& hash : ConsistencyOf(old_size, size)) {
    std::memcpy(request.proof.emplace_back().data(), hash.data(), hash.size());
  }
  return request;
}

}  // namespace

std::string Growth(const TestLog& log, std::uint64_t old_size,
                   std::uint64_t size) {
  return WriteAddCheckpoint(Request(log, old_size, size));
}

std::string Fork(const TestLog& log, std::uint64_t old_size,
                 std::uint64_t size) {
  image::host::AddCheckpoint request = Request(log, old_size, size);
  request.checkpoint = log.Note(size, RootOf(size + 1));
  return WriteAddCheckpoint(request);
}

void WriteWitnessKey(const std::string& path) {
  base::WriteFileAtomically(path, PemOf(kPrintedKeys[0].base64),
                            base::FileMode::kPrivate)
      .IgnoreError();
}

std::string WitnessKeyText() {
  const TemporaryFolder folder;
  WriteWitnessKey(folder.File("w.pem"));
  return witness::Cosigner::Open({folder.File("w.pem"), "", kWitness})
      ->key()
      .text();
}

}  // namespace bootseal::tests
