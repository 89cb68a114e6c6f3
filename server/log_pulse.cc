#include "server/log_pulse.h"

#include "base/status.h"

namespace bootseal::server {
namespace {

audit::Record Probe() {
  audit::Record record;
  record.entry = "probe";
  record.recheck = [](const audit::Standing&) {
    return base::Precondition("PROBE", "asks whether the log answers");
  };
  return record;
}

}  // namespace

bool LogPulse::Feel() {
  switch (question_->load()) {
    case Question::kAnswered:
      question_->store(Question::kNotAsked);
      return true;
    case Question::kOpen:
      return false;
    case Question::kNotAsked:
      break;
  }
  question_->store(Question::kOpen);
  log_.Append(Probe(), [question = question_](const auto&) {
    question->store(Question::kAnswered);
  });
  return false;
}

}  // namespace bootseal::server
