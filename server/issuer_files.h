// The files with the issuers' keys, as they are on the disk now. Nothing is
// fetched: the server has the keys that its policy pins, and whoever keeps the
// files is told here when they have become others.
#ifndef BOOTSEAL_SERVER_ISSUER_FILES_H_
#define BOOTSEAL_SERVER_ISSUER_FILES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "bootseal/v1/policy.pb.h"
#include "server/metrics/registry.h"

namespace bootseal::server {

// Thread-safe.
class IssuerFiles {
 public:
  // Theirs are relative to it.
  explicit IssuerFiles(std::string policy_path)
      : policy_path_(std::move(policy_path)) {}

  // Reads those of the policy in force. A disk may hang: not for a scrape.
  void Look(const v1::Policy& policy);

  // bootseal_issuer_keys_as_pinned{issuer}.
  metrics::Family as_pinned() const;
  // bootseal_issuer_keys_written_timestamp_seconds{issuer}; none of a file that
  // cannot be read.
  metrics::Family written() const;

 private:
  struct File {
    std::string issuer;  // the policy's name
    bool as_pinned = false;
    double written = 0;  // seconds since 1970; 0: cannot be read
  };

  File LookAt(const v1::Issuer& issuer) const;

  const std::string policy_path_;
  mutable base::Mutex mutex_;
  std::vector<File> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_ISSUER_FILES_H_
