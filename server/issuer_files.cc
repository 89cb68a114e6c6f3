#include "server/issuer_files.h"

#include "absl/time/time.h"
#include "server/policy_loader.h"
#include "server/trust/key_set_pin.h"

namespace bootseal::server {
namespace {

using metrics::Kind;
using metrics::Sample;

}  // namespace

void IssuerFiles::Look(const v1::Policy& policy) {
  std::vector<File> files;
  for (const v1::Issuer& issuer : policy.issuers()) {
    files.push_back(LookAt(issuer));
  }
  const base::MutexLock lock(mutex_);
  files_.swap(files);
}

IssuerFiles::File IssuerFiles::LookAt(const v1::Issuer& issuer) const {
  File found{issuer.name()};
  const auto file = OpenBeside(policy_path_, issuer.jwks_path());
  if (!file.ok()) return found;
  const auto text = file->Read(trust::kMaxKeySetBytes);
  found.as_pinned = text.ok() && trust::IsPinned(issuer, *text);
  found.written = absl::ToDoubleSeconds(
      absl::TimeFromTimespec(file->info().st_mtim) - absl::UnixEpoch());
  return found;
}

metrics::Family IssuerFiles::as_pinned() const {
  return {"bootseal_issuer_keys_as_pinned",
          "1 while the file with an issuer's keys is the one that the policy "
          "in force pins.",
          Kind::kGauge, [this] {
            const base::MutexLock lock(mutex_);
            std::vector<Sample> samples;
            for (const File& file : files_) {
              samples.push_back(
                  {{{"issuer", file.issuer}}, file.as_pinned ? 1.0 : 0.0});
            }
            return samples;
          }};
}

metrics::Family IssuerFiles::written() const {
  return {"bootseal_issuer_keys_written_timestamp_seconds",
          "When the file with an issuer's keys was last written; none while it "
          "cannot be read.",
          Kind::kGauge, [this] {
            const base::MutexLock lock(mutex_);
            std::vector<Sample> samples;
            for (const File& file : files_) {
              if (file.written == 0) continue;
              samples.push_back({{{"issuer", file.issuer}}, file.written});
            }
            return samples;
          }};
}

}  // namespace bootseal::server
