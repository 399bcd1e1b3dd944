// Finished jobs on their way back to JavaScript. Many may finish before the event loop comes round; one wake-up settles them all.
#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <vector>

namespace engine {

class Job;

class Completions : public std::enable_shared_from_this<Completions> {
 public:
  /// One for each environment (the main thread and each worker of node has its own); closed when the environment goes.
  static std::shared_ptr<Completions> for_environment(Napi::Env env);

  /// On the JavaScript thread, before a job is submitted: keeps the process alive until it is settled.
  void expect(Napi::Env env);
  /// On any thread. A job whose environment is gone is dropped.
  void deliver(std::unique_ptr<Job> job);

 private:
  static void settle_all(napi_env env, napi_value, void* context, void*);
  void close();

  std::mutex mutex_;
  std::vector<std::unique_ptr<Job>> done_;
  bool closed_ = false;
  std::size_t outstanding_ = 0;
  napi_threadsafe_function wake_ = nullptr;
};

}  // namespace engine
