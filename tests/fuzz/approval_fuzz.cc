// Any bytes as what approvers send, and as their keys: what is read has one
// form, and nobody's signature comes of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "server/trust/approval.h"
#include "server/trust/approver_key.h"
#include "server/trust/sshsig.h"
#include "tests/fuzz/quiet.h"

namespace {

using namespace bootseal::trust;

// Of the keys that the corpus has signatures of: none is over this.
constexpr char kMessage[] = "DSSEv1 4 type 4 body";

void RequireOneForm(absl::string_view bytes) {
  const auto statement = DecodeStatement(bytes);
  if (statement.ok() && EncodeStatement(*statement) != bytes) std::abort();
  const auto signature = ReadSshSignature(bytes);
  if (signature.ok() && WriteSshSignature(*signature) != bytes) std::abort();
}

// A line, or PEM; with a byte of zero behind it, a signature follows.
void RequireNothingSigned(absl::string_view text) {
  const std::size_t end = text.find('\0');
  const auto key = ApproverKey::Parse(text.substr(0, end));
  if (!key.ok()) return;
  if (key->Description().find("unknown") != std::string::npos) std::abort();
  const absl::string_view signature =
      end == absl::string_view::npos ? text : text.substr(end + 1);
  if (key->Verify(kMessage, signature).ok()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  bootseal::tests::SilenceProtobuf();
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  RequireOneForm(bytes);
  RequireNothingSigned(bytes);
  return 0;
}
