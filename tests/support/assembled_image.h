// The file that a client makes of its payload and the server's answer.
#ifndef BOOTSEAL_TESTS_SUPPORT_ASSEMBLED_IMAGE_H_
#define BOOTSEAL_TESTS_SUPPORT_ASSEMBLED_IMAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::tests {

// As proto/bootseal/v1/signing.proto says: header, payload without its header
// room, TLVs, fill, trailer.
std::string AssembledImage(const v1::SignReply& reply,
                           absl::string_view payload);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_ASSEMBLED_IMAGE_H_
