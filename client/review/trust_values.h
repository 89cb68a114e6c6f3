// One value of a policy's field as a word that does not depend on how the file
// is written. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_REVIEW_TRUST_VALUES_H_
#define BOOTSEAL_CLIENT_REVIEW_TRUST_VALUES_H_

#include <string>

#include "google/protobuf/message.h"

namespace bootseal::review {

// The value, or the element `index` of a repeated field. Empty for a switch
// that is off. What cannot be read (ParseLogged takes none such) is its own
// text.
std::string WordOf(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor& field, int index);

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_TRUST_VALUES_H_
