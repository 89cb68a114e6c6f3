// A policy that is right in everything, for tests to spoil in one thing.
#ifndef BOOTSEAL_TESTS_SERVER_TRUST_EXAMPLE_POLICY_H_
#define BOOTSEAL_TESTS_SERVER_TRUST_EXAMPLE_POLICY_H_

#include <memory>
#include <string>

#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "server/trust/policy.h"

namespace bootseal::tests {

// Certificates of two authorities and of one that is none. Their private keys
// were thrown away.
extern const char kCaPem[];
extern const char kOtherCaPem[];
extern const char kLeafPem[];

// Two trust domains; people ci, alice (a SPIFFE id and a DN) and audrey; roles
// ci, developer and auditor; keys app (P-256), secure (RSA-3072), edwards
// (Ed25519) and log; targets app, secure (TF-M's rules), edwards and guarded,
// which needs two approvals: those of alice and audrey, who have keys for that
// (PEM and OpenSSH, Ed25519) whose private halves were thrown away.
v1::Policy ExamplePolicy();

// Adds an issuer of tokens that says who started a job ("actor_id").
v1::Issuer& AddIssuer(v1::Policy& policy, const std::string& name = "jobs");

std::string TextOf(const v1::Policy& policy);

// Aborts when the policy is not good.
std::shared_ptr<const trust::Policy> Parsed(const v1::Policy& policy);

// A known person.
v1::Caller CallerNamed(const std::string& identity);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_TRUST_EXAMPLE_POLICY_H_
