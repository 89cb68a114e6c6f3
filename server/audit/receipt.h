// The proof that a signature is in the log. Only the log mints one, after the
// entry is durable and a checkpoint over it is signed.
#ifndef BOOTSEAL_SERVER_AUDIT_RECEIPT_H_
#define BOOTSEAL_SERVER_AUDIT_RECEIPT_H_

#include <cstdint>
#include <string>
#include <utility>

namespace bootseal::audit {

// Copyable: a proof does not wear off. SignReply is built from one.
class Receipt {
 public:
  // A C2SP tlog-proof file; its extra line is the entry in base64.
  const std::string& text() const { return text_; }
  // The entry's bytes.
  const std::string& entry() const { return entry_; }
  std::uint64_t index() const { return index_; }
  // True: the entry was in the log already, under the same request id.
  bool replayed() const { return replayed_; }

 private:
  friend class Log;
  Receipt() = default;

  std::string text_;
  std::string entry_;
  std::uint64_t index_ = 0;
  bool replayed_ = false;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_RECEIPT_H_
