#include "tests/support/capsule_target.h"

#include <cstdio>
#include <cstdlib>

namespace bootseal::tests {

v1::Target& AddCapsuleTarget(ServerFixture& server, const std::string& name,
                             const std::string& key) {
  const Outcome made = server.token().Tool({"certificate", "--label", key});
  if (made.exit_code != 0) {
    std::fprintf(stderr, "bootseal-token certificate: %s\n", made.err.c_str());
    std::abort();
  }
  v1::Target& target = *server.policy().add_targets();
  target.set_name(name);
  target.set_key(key);
  target.add_requesters("ci");
  v1::CapsuleFormat& format = *target.mutable_capsule();
  format.set_image_type_guid("19d5df83-11b0-457b-be2c-7559c13142a5");
  format.set_certificate_pem(made.out);
  format.set_with_version(true);
  format.set_lowest_supported_version(3);
  format.set_max_size(1 << 20);
  return target;
}

}  // namespace bootseal::tests
