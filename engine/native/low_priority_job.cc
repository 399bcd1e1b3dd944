#include "low_priority_job.hpp"

#include <utility>

#include "segment_object.hpp"

namespace engine {

LowPriorityJob::LowPriorityJob(Napi::Env env, Napi::Object memory) : Job(env, env.GetInstanceData<EnvironmentData>()->completions) {
  napi_create_reference(env, memory, 1, &memory_);
  ended_ = new std::future<void>(end_.get_future());
  napi_add_env_cleanup_hook(env, wait, ended_);
}

void LowPriorityJob::settle(Napi::Env env) {
  napi_remove_env_cleanup_hook(env, wait, ended_);
  delete ended_;
  napi_delete_reference(env, memory_);
  Job::settle(env);
}

Napi::Promise LowPriorityJob::start(Napi::Env env, std::unique_ptr<LowPriorityJob> job) {
  Napi::Promise const promise = job->promise();
  job->completions_->expect(env);
  ThreadPool::of_low_priority().submit(std::move(job), ThreadPool::Priority::kBackground);
  return promise;
}

void LowPriorityJob::work(unsigned) {
  try {
    work_through();
  } catch (...) {
    fail(std::current_exception());
  }
  end_.set_value();
}

void LowPriorityJob::wait(void* ended) {
  static_cast<std::future<void>*>(ended)->wait();
  delete static_cast<std::future<void>*>(ended);
}

}  // namespace engine
