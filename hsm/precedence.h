// What this thread asks of the token goes ahead of what others wait for: as a
// thread's priority, it need not be told to all that is called on the way.
#ifndef BOOTSEAL_HSM_PRECEDENCE_H_
#define BOOTSEAL_HSM_PRECEDENCE_H_

namespace bootseal::hsm {

// For the thread that makes it, as long as it lives.
class Precedence {
 public:
  Precedence() { ++held_; }
  ~Precedence() { --held_; }
  Precedence(const Precedence&) = delete;
  Precedence& operator=(const Precedence&) = delete;

  // Whether this thread has any.
  static bool Held() { return held_ > 0; }

 private:
  static inline thread_local int held_ = 0;
};

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_PRECEDENCE_H_
