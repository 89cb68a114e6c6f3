// The twin of no_release_without_receipt.fail.cc: the receipt came from the log.
// Guarantee 2: only the log makes a receipt, so that no reply is built without
// a record.
#include "server/audit/receipt.h"

namespace bootseal {

std::string Release(const audit::Receipt& recorded) {
  const audit::Receipt receipt = recorded;
  return receipt.text() + recorded.text();
}

}  // namespace bootseal
