// Whether the audit log still does its work. The question is a record that its
// own recheck refuses: it goes the way of all others, through the queue, the
// log's thread and the store's turn, and leaves nothing behind. A log that
// hangs, in its disk, its database or the token that signs checkpoints, does
// not answer; one that stopped, or whose store is away, does.
#ifndef BOOTSEAL_SERVER_LOG_PULSE_H_
#define BOOTSEAL_SERVER_LOG_PULSE_H_

#include <atomic>
#include <memory>

#include "server/audit/log.h"

namespace bootseal::server {

// Not thread-safe. `log` must outlive it.
class LogPulse {
 public:
  explicit LogPulse(audit::Log& log) : log_(log) {}

  // Asks, unless an answer is still awaited. True when it has come: the next
  // call asks anew. Never waits.
  bool Feel();

 private:
  enum class Question { kNotAsked, kOpen, kAnswered };

  audit::Log& log_;
  // The log's thread answers, perhaps after this object is gone.
  const std::shared_ptr<std::atomic<Question>> question_ =
      std::make_shared<std::atomic<Question>>(Question::kNotAsked);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_LOG_PULSE_H_
