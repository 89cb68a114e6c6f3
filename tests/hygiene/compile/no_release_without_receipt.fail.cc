// expect: Receipt::Receipt\(\).* is private within this context
// Guarantee 2: only the log makes a receipt, so that no reply is built without
// a record.
#include "server/audit/receipt.h"

namespace bootseal {

std::string Release(const audit::Receipt& recorded) {
  const audit::Receipt receipt = audit::Receipt();
  return receipt.text() + recorded.text();
}

}  // namespace bootseal
