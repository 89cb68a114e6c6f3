#include "tests/server/trust/example_policy.h"

#include <cstdio>
#include <cstdlib>

#include "google/protobuf/text_format.h"

namespace bootseal::tests {

// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
//   -days 36500 -addext basicConstraints=critical,CA:TRUE
const char kCaPem[] = R"(-----BEGIN CERTIFICATE-----
MIIBkzCCATmgAwIBAgIUOOrH1+iwDxbs+AsqIR6D/6w2QiswCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLdGVzdCBDQSBvbmUwIBcNMjYxMTIxMDc1NTU0WhgPMjEyNjEw
MjgwNzU1NTRaMBYxFDASBgNVBAMMC3Rlc3QgQ0Egb25lMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEzDXXujsJ/YXS3NvbpWn54WrrTyl3IhvbdzGZoM2ePMhwQXU7
bitD6F8wtdc8+1Tp3PZ/oilKFw7RqLWXg9Dz2KNjMGEwHQYDVR0OBBYEFB9tGryk
z/bEj1bxEYAc8B1cjzyDMB8GA1UdIwQYMBaAFB9tGrykz/bEj1bxEYAc8B1cjzyD
MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0gA
MEUCIQDQOFlaHJO5O2FdUvIw9WeU09YWP8dvmab1EoInp05QkAIgfwicXi3OdSjv
M3g/pcH56/SRdLkWzKcbPMz/n9Zycaw=
-----END CERTIFICATE-----
)";

const char kOtherCaPem[] = R"(-----BEGIN CERTIFICATE-----
MIIBkjCCATmgAwIBAgIUIj3AZ1NK06rD87mV/mEMfLJGhqwwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLdGVzdCBDQSB0d28wIBcNMjYxMTIxMDc1NTU0WhgPMjEyNjEw
MjgwNzU1NTRaMBYxFDASBgNVBAMMC3Rlc3QgQ0EgdHdvMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEGHQg45y4dXDmPNw7o1sYHZYIl32siZZlGKlB9Hy5rrkj692t
6ng/zxNscmtvr2Xsj92vcduzf+rOdwg8Z0TvDqNjMGEwHQYDVR0OBBYEFCOX7tyl
Pjhndl37kutTC7WCGrL/MB8GA1UdIwQYMBaAFCOX7tylPjhndl37kutTC7WCGrL/
MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49BAMCA0cA
MEQCIHLVOzRmHgJSze4vjmB/qdLKw4YnjeRLAG8uxcSEwlCrAiBRRuy9Pgy5/Fz8
xvSBcp0R1kRouv4bVqYw20dEjXjQsQ==
-----END CERTIFICATE-----
)";

// The same with CA:FALSE.
const char kLeafPem[] = R"(-----BEGIN CERTIFICATE-----
MIIBcjCCARigAwIBAgIUVEggvTPvAgzMdXx9gw2zgx2J/VgwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEbGVhZjAgFw0yNjExMjEwNzU1NTRaGA8yMTI2MTAyODA3NTU1
NFowDzENMAsGA1UEAwwEbGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCgM
qEusKyDKas8+vcI/M7yzPmws8rcdYsucijcm7Hpb4W9GwL65lMCXXiQtRBZiSq6a
jsJywMFieMpOtEKCij+jUDBOMB0GA1UdDgQWBBRd0w2YHkecLBo+BEkg0maUWc1/
SzAfBgNVHSMEGDAWgBRd0w2YHkecLBo+BEkg0maUWc1/SzAMBgNVHRMBAf8EAjAA
MAoGCCqGSM49BAMCA0gAMEUCIF17Lyq/59VJwViNXIlW9TAYVQXmepHTdM5EfKQI
M3U2AiEAyXdtMRuiTNnS8K/sgvwy/Vwm1PQawcJ1Ja3wDa3puJk=
-----END CERTIFICATE-----
)";

namespace {

constexpr char kExample[] = R"(
version: 7
people {
  name: "ci"
  subjects: "spiffe://dev.example/ci"
  nobody_behind: true
}
people {
  name: "alice"
  subjects: "spiffe://dev.example/people/alice"
  subjects: "other.example CN=alice,O=Example"
  approver_keys {
    public_key:
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAn0z4LVl+I0vBaUaA7KBnHG9CQ7BEqbcK8XTEy8NZ1AM=\n"
      "-----END PUBLIC KEY-----\n"
  }
}
people {
  name: "audrey"
  subjects: "spiffe://other.example/audrey"
  approver_keys {
    public_key:
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGAsm+pOElaz9l065RLCSizoNuQ/gvQO"
      "EiSNYHFh85KK audrey@desk"
  }
}
roles { name: "ci" members: "ci" permissions: READ_KEYS }
roles { name: "developer" members: "alice" permissions: READ_KEYS }
roles {
  name: "auditor"
  members: ["audrey", "alice"]
  permissions: [READ_KEYS, READ_LOG]
}
keys {
  name: "app"
  uri: "pkcs11:token=bootseal;object=app"
  algorithm: P256
  purpose: FIRMWARE
  public_key_sha256: "0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}
keys {
  name: "secure"
  uri: "pkcs11:token=bootseal;object=secure"
  algorithm: RSA3072
  purpose: FIRMWARE
  public_key_sha256: "0bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
}
keys {
  name: "edwards"
  uri: "pkcs11:token=bootseal;id=%01"
  algorithm: ED25519
  purpose: FIRMWARE
  public_key_sha256: "0ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
}
keys {
  name: "log"
  uri: "pkcs11:token=bootseal;object=log"
  algorithm: ED25519
  purpose: CHECKPOINT
  public_key_sha256: "0ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
}
targets {
  name: "app"
  key: "app"
  requesters: ["ci", "developer"]
  mcuboot { header_size: 0x400 slot_size: 0x80000 }
}
targets {
  name: "secure"
  key: "secure"
  requesters: "ci"
  mcuboot {
    header_size: 0x400
    slot_size: 0x2d000
    align: 8
    strategy: OVERWRITE_ONLY
    padding: PAD
    key_format: FULL
    security_counter: REQUIRED
    default_security_counter: 1
    security_counter_ceiling: 512
    boot_record: REQUIRED
    software_type: "SPE"
    dependency: REQUIRED
    dependencies { image_id: 1 minimum_version: "0.0.0" }
    image_count: 2
  }
}
targets {
  name: "edwards"
  key: "edwards"
  requesters: "ci"
  mcuboot {
    header_size: 0x200
    payload_has_header_room: true
    slot_size: 0x10000
    sector_size: 0x1000
    strategy: SWAP_MOVE
    sha512: true
    security_counter: REQUIRED
    security_counter_from_version: true
    vendor_tlvs { type: 0xa0 value: "x" }
  }
}
targets {
  name: "guarded"
  key: "app"
  requesters: "ci"
  approvals: 2
  approvers: "auditor"
  mcuboot {
    header_size: 0x400
    slot_size: 0x80000
    security_counter: FORBIDDEN
  }
}
denied_certificates: "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
)";

void AddDomain(const char* name, const char* ca_pem, v1::Policy& policy) {
  v1::TrustDomain& domain = *policy.add_trust_domains();
  domain.set_name(name);
  domain.set_ca_pem(ca_pem);
}

[[noreturn]] void Abort(absl::string_view why) {
  std::fprintf(stderr, "%s\n", std::string(why).c_str());
  std::abort();
}

}  // namespace

v1::Policy ExamplePolicy() {
  v1::Policy policy;
  if (!google::protobuf::TextFormat::ParseFromString(kExample, &policy)) {
    Abort("the example policy is no textproto");
  }
  AddDomain("dev.example", kCaPem, policy);
  AddDomain("other.example", kOtherCaPem, policy);
  return policy;
}

v1::Issuer& AddIssuer(v1::Policy& policy, const std::string& name) {
  v1::Issuer& issuer = *policy.add_issuers();
  issuer.set_name(name);
  issuer.set_url("https://issuer.example");
  issuer.set_audience("https://bootseal.example");
  issuer.set_jwks_path("jobs.jwks");
  issuer.set_jwks_sha256(std::string(64, '0'));
  issuer.add_algorithms(v1::RS256);
  issuer.set_behind_claim("actor_id");
  return issuer;
}

std::string TextOf(const v1::Policy& policy) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(policy, &text);
  return text;
}

std::shared_ptr<const trust::Policy> Parsed(const v1::Policy& policy) {
  auto parsed = trust::Policy::Parse(TextOf(policy));
  if (!parsed.ok()) Abort(parsed.status().message());
  return *std::move(parsed);
}

v1::Caller CallerNamed(const std::string& identity) {
  v1::Caller caller;
  caller.set_identity(identity);
  caller.set_method("mtls");
  return caller;
}

}  // namespace bootseal::tests
