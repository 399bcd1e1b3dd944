// Gives the processor away between two pieces of a long job, for threads that give way to all others.
//
// A low priority alone does not do it: a thread that becomes ready waits for the end of the running one's slice, which the kernel looks at
// with each of its ticks (4 ms at 250 Hz).
#pragma once

#include <sched.h>

#include <chrono>

namespace engine {

class Turns {
 public:
  /// To be called after each piece; pieces should take less than kTurn. Where nobody waits it costs a system call a turn.
  void give_way_when_due() {
    if (Clock::now() - since_ < kTurn) return;
    sched_yield();
    since_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::microseconds kTurn{200};

  Clock::time_point since_ = Clock::now();
};

}  // namespace engine
