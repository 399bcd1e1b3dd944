// A job on the thread that gives way to all others, for work that nobody waits for who searches.
#pragma once

#include <napi.h>

#include <future>
#include <memory>

#include "jobs.hpp"

namespace engine {

/// The environment, and with it its memory, goes no earlier than the job is through.
class LowPriorityJob : public Job {
 public:
  /// `memory` is what it works on, or what holds that: kept until it is settled.
  LowPriorityJob(Napi::Env env, Napi::Object memory);

  /// Submits the job and gives its promise.
  static Napi::Promise start(Napi::Env env, std::unique_ptr<LowPriorityJob> job);

 protected:
  void work(unsigned thread) final;
  void settle(Napi::Env env) override;
  virtual void work_through() = 0;

 private:
  static void wait(void* ended);

  std::promise<void> end_;
  std::future<void>* ended_;
  /// Let go of on the thread of JavaScript alone: a job that is never settled leaves it to the environment, which goes.
  napi_ref memory_ = nullptr;
};

}  // namespace engine
