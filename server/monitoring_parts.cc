// What the token, the log, the limits and those whom the policy trusts show of
// themselves.
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/openssl.h"
#include "hsm/pkcs11/token.h"
#include "server/monitoring.h"

namespace bootseal::server {
namespace {

using metrics::Gauge;
using metrics::Kind;
using metrics::Labels;
using metrics::Sample;

// In the order of hsm::Purpose, hsm::Algorithm and hsm::Usage::Failure.
constexpr const char* kPurposes[] = {"firmware", "checkpoint", "canary",
                                     "approver", "cosignature"};
constexpr hsm::Algorithm kAlgorithms[] = {
    hsm::Algorithm::kRsa2048, hsm::Algorithm::kRsa3072,
    hsm::Algorithm::kP256,    hsm::Algorithm::kP384,
    hsm::Algorithm::kEd25519, hsm::Algorithm::kBrainpoolP256t1};
constexpr const char* kFailures[] = {"token_lost", "token_busy",
                                     "wrong_signature", "other"};

// Of each kind of key that was opened.
template <typename Add>
std::vector<Sample> ForKeys(hsm::Usage& usage, Add add) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < std::size(kPurposes); ++i) {
    for (const hsm::Algorithm algorithm : kAlgorithms) {
      const auto& keys = usage.Of(static_cast<hsm::Purpose>(i), algorithm);
      if (!keys.opened) continue;
      add(Labels{{"purpose", kPurposes[i]},
                 {"algorithm", std::string(hsm::NameOf(algorithm))}},
          keys, samples);
    }
  }
  return samples;
}

std::vector<Sample> Durations(hsm::Usage& usage) {
  return ForKeys(usage, [](Labels labels, const hsm::Usage::OfKeys& keys,
                           std::vector<Sample>& samples) {
    samples.push_back({std::move(labels), 0, &keys.sign_seconds});
  });
}

std::vector<Sample> Failures(hsm::Usage& usage) {
  return ForKeys(usage, [](const Labels& labels, const hsm::Usage::OfKeys& keys,
                           std::vector<Sample>& samples) {
    for (std::size_t i = 0; i < keys.failures.size(); ++i) {
      Labels all = labels;
      all.emplace_back("failure", kFailures[i]);
      samples.push_back(
          {std::move(all), static_cast<double>(keys.failures[i].value())});
    }
  });
}

std::vector<Sample> Lags(const witnesses::Witnesses& witnesses,
                         const audit::LogFigures& log) {
  const std::uint64_t size = log.checkpoint_size;
  std::vector<Sample> samples;
  for (const auto& each : witnesses.Cosigned()) {
    const std::uint64_t lag = each.size < size ? size - each.size : 0;
    samples.push_back({{{"witness", each.name}}, static_cast<double>(lag)});
  }
  return samples;
}

std::vector<Sample> Refused(const edge::Incidents& incidents) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < edge::kIncidentCount; ++i) {
    const auto incident = static_cast<edge::Incident>(i);
    if (incident == edge::Incident::kSlowed) continue;
    samples.push_back({{{"reason", edge::kIncidents[i]}},
                       static_cast<double>(incidents.count(incident))});
  }
  return samples;
}

// The policy's loader has read it before.
double EndOf(const std::string& certificate_pem) {
  const base::BioPtr in(BIO_new_mem_buf(
      certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const base::X509Ptr certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  base::DrainOpenSslErrors();
  std::tm end{};
  if (!certificate ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return 0;
  }
  return absl::ToDoubleSeconds(absl::FromTM(end, absl::UTCTimeZone()) -
                               absl::UnixEpoch());
}

std::vector<Sample> EndsOf(const v1::Policy& policy) {
  std::vector<Sample> samples;
  for (const v1::TrustDomain& domain : policy.trust_domains()) {
    samples.push_back(
        {{{"trust_domain", domain.name()}}, EndOf(domain.ca_pem())});
  }
  return samples;
}

struct Places {
  const char* of;
  const ConcurrencyLimit& limit;
};

std::vector<Places> AllPlaces(const CallLimits& limits) {
  return {{"requests", limits.requests},
          {"calls", limits.calls},
          {"sign_many_streams", limits.many},
          {"tail_streams", limits.tails}};
}

std::vector<Sample> MostByLane(const ConcurrencyLimit::Bounds& bounds) {
  return {{{{"lane", "builds"}},
           static_cast<double>(bounds.capacity - bounds.kept)},
          {{{"lane", "releases"}}, static_cast<double>(bounds.capacity)}};
}

}  // namespace

void Monitoring::AddHsm() {
  hsm::Token& token = parts_.token;
  registry_.Add({"bootseal_hsm_sign_seconds",
                 "What the token took for one signature, by key.",
                 Kind::kHistogram,
                 [&token] { return Durations(token.usage()); }});
  registry_.Add({"bootseal_hsm_sign_failures_total",
                 "Signatures that were not made, by key and failure.",
                 Kind::kCounter, [&token] { return Failures(token.usage()); }});
  registry_.Add(
      {"bootseal_hsm_recoveries_total",
       "Times that the token was lost and logged in to again, or not.",
       Kind::kCounter, [&usage = token.usage()] {
         return std::vector<Sample>{
             {{{"result", "recovered"}},
              static_cast<double>(usage.recoveries.value())},
             {{{"result", "failed"}},
              static_cast<double>(usage.failed_recoveries.value())}};
       }});
  registry_.Add(Gauge(
      "bootseal_hsm_sessions_in_use", "PKCS#11 sessions that are working.",
      [&token] { return static_cast<double>(token.sessions_in_use()); }));
  registry_.Add(Gauge(
      "bootseal_hsm_session_waiters",
      "Callers that wait for a session, in the order that they came.",
      [&token] { return static_cast<double>(token.sessions_waited_for()); }));
  registry_.Add({"bootseal_hsm_session_wait_seconds",
                 "What callers waited for a session.", Kind::kHistogram,
                 [&usage = token.usage()] {
                   return std::vector<Sample>{{{}, 0, &usage.wait_seconds}};
                 }});
  registry_.Add(
      Gauge("bootseal_hsm_sessions_max", "Sessions that there may be.",
            [&token] { return static_cast<double>(token.max_sessions()); }));
}

void Monitoring::AddLog(const v1::AuditLog& config) {
  const audit::Log& log = parts_.environment.log;
  const audit::LogFigures& figures = log.figures();
  registry_.Add(Gauge("bootseal_log_writable",
                      "1 while the audit log takes entries, 0 otherwise.",
                      [&log] { return log.healthy() ? 1.0 : 0.0; }));
  registry_.Add({"bootseal_log_append_seconds",
                 "What the store took to make one batch of entries durable.",
                 Kind::kHistogram, [&figures] {
                   return std::vector<Sample>{{{}, 0, &figures.append_seconds}};
                 }});
  registry_.Add({"bootseal_log_batch_records",
                 "Records that were committed together.", Kind::kHistogram,
                 [&figures] {
                   return std::vector<Sample>{{{}, 0, &figures.batch_records}};
                 }});
  registry_.Add({"bootseal_log_entries_total",
                 "Entries that this server appended.", Kind::kCounter,
                 [&figures] {
                   return std::vector<Sample>{
                       {{}, static_cast<double>(figures.entries.value())}};
                 }});
  registry_.Add(Gauge(
      "bootseal_log_size_entries", "Entries under the newest checkpoint.",
      [&figures] { return static_cast<double>(figures.checkpoint_size); }));
  registry_.Add(Gauge("bootseal_log_checkpoint_timestamp_seconds",
                      "When that checkpoint was signed.", [&figures] {
                        return static_cast<double>(figures.checkpoint_unix_ms) /
                               1000;
                      }));
  registry_.Add({"bootseal_witness_lag_entries",
                 "Entries that a witness has not yet cosigned.", Kind::kGauge,
                 [&witnesses = parts_.witnesses, &figures] {
                   return Lags(witnesses, figures);
                 }});
  if (config.has_postgres()) AddDatabase();
  if (!config.has_sqlite()) return;
  log_path_ = config.sqlite().path();
  registry_.Add(Gauge("bootseal_log_free_bytes",
                      "Room on the disk that has the log.",
                      [&bytes = log_free_bytes_] { return bytes.load(); }));
}

void Monitoring::AddDatabase() {
  const audit::PostgresFigures& database = parts_.database;
  registry_.Add(
      Gauge("bootseal_postgres_sessions_open",
            "Sessions that the log has with its database.",
            [&database] { return static_cast<double>(database.open.load()); }));
  registry_.Add(
      Gauge("bootseal_postgres_sessions_busy",
            "Of these, those that wait for the database's answer.",
            [&database] { return static_cast<double>(database.busy.load()); }));
  registry_.Add({"bootseal_postgres_connects_total",
                 "Times that a session was opened, or was not.", Kind::kCounter,
                 [&database] {
                   return std::vector<Sample>{
                       {{{"result", "connected"}},
                        static_cast<double>(database.connects.value())},
                       {{{"result", "failed"}},
                        static_cast<double>(database.failed_connects.value())}};
                 }});
  registry_.Add({"bootseal_postgres_sessions_lost_total",
                 "Sessions that were cut, or gave no answer in time.",
                 Kind::kCounter, [&database] {
                   return std::vector<Sample>{
                       {{}, static_cast<double>(database.lost.value())}};
                 }});
}

void Monitoring::AddLimits() {
  const Environment& environment = parts_.environment;
  registry_.Add(
      {"bootseal_places_in_use", "Places that are taken.", Kind::kGauge,
       [&limits = environment.limits] {
         std::vector<Sample> samples;
         for (const Places& each : AllPlaces(limits)) {
           samples.push_back(
               {{{"of", each.of}}, static_cast<double>(each.limit.taken())});
         }
         return samples;
       }});
  registry_.Add({"bootseal_requests_in_progress",
                 "Requests for a signature that have a place, by lane.",
                 Kind::kGauge, [&requests = environment.limits.requests] {
                   return std::vector<Sample>{
                       {{{"lane", "builds"}},
                        static_cast<double>(requests.taken(Lane::kBuilds))},
                       {{{"lane", "releases"}},
                        static_cast<double>(requests.taken(Lane::kReleases))}};
                 }});
  registry_.Add({"bootseal_requests_max",
                 "Requests for a signature that may have one, by lane.",
                 Kind::kGauge, [&requests = environment.limits.requests] {
                   return MostByLane(requests.bounds());
                 }});
  registry_.Add({"bootseal_places_max", "Places that there are.", Kind::kGauge,
                 [&limits = environment.limits] {
                   std::vector<Sample> samples;
                   for (const Places& each : AllPlaces(limits)) {
                     samples.push_back(
                         {{{"of", each.of}},
                          static_cast<double>(each.limit.bounds().capacity)});
                   }
                   return samples;
                 }});
  registry_.Add(Gauge("bootseal_calls_waiting_for_client",
                      "Uploads and streams whose client is waited for, or may "
                      "be.",
                      [&uploads = environment.uploads] {
                        return static_cast<double>(uploads.watched());
                      }));
  registry_.Add(Gauge("bootseal_memory_reserved_bytes",
                      "Memory promised to payloads that are kept.",
                      [&memory = environment.memory] {
                        return static_cast<double>(memory.reserved());
                      }));
  registry_.Add(Gauge("bootseal_memory_max_bytes",
                      "Memory that may be promised.",
                      [&memory = environment.memory] {
                        return static_cast<double>(memory.capacity());
                      }));
}

void Monitoring::AddConnections() {
  const edge::Clients& clients = parts_.environment.clients;
  registry_.Add(Gauge(
      "bootseal_connections_open", "Connections of clients that are open.",
      [&clients] { return static_cast<double>(clients.connections.open()); }));
  registry_.Add(Gauge("bootseal_connections_limit",
                      "Connections that may be open.", [&clients] {
                        return static_cast<double>(
                            clients.connections.bounds().all);
                      }));
  registry_.Add({"bootseal_connections_refused_total",
                 "Connections that were not taken or not kept, by reason.",
                 Kind::kCounter,
                 [&clients] { return Refused(clients.incidents); }});
  registry_.Add(
      {"bootseal_connections_slowed_total",
       "Times that a connection waited, for it had sent more than "
       "its budget.",
       Kind::kCounter, [&incidents = clients.incidents] {
         return std::vector<Sample>{
             {{},
              static_cast<double>(incidents.count(edge::Incident::kSlowed))}};
       }});
}

void Monitoring::AddTrust() {
  registry_.Add({"bootseal_trust_domain_certificate_expiry_timestamp_seconds",
                 "When the CA of callers of a trust domain ends.", Kind::kGauge,
                 [&policies = parts_.environment.policies] {
                   return EndsOf(policies.Current()->policy().proto());
                 }});
  registry_.Add(issuer_files_.as_pinned());
  registry_.Add(issuer_files_.written());
}

}  // namespace bootseal::server
