// Parts of CheckFormat: what an image says it is. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_ATTRIBUTE_CHECKS_H_
#define BOOTSEAL_SERVER_TRUST_ATTRIBUTE_CHECKS_H_

#include "bootseal/v1/policy.pb.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// The target's own and those that a request may add.
void CheckVendorTlvs(const v1::McubootFormat& format, const Field& here);

// Where images are loaded, lie and run, and whether they run at all.
void CheckAddresses(const v1::McubootFormat& format, const Field& here);

// Vendor and class.
void CheckIdentity(const v1::McubootFormat& format, const Field& here);

void CheckEncryption(const v1::McubootFormat& format, const Field& here);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_ATTRIBUTE_CHECKS_H_
