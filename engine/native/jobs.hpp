// What runs on the pool for a promise: the work, and how its result becomes a JavaScript value.
#pragma once

#include <napi.h>

#include <exception>
#include <memory>
#include <string>

#include "completions.hpp"
#include "segment.hpp"
#include "thread_pool.hpp"

namespace engine {

class Job : public Task {
 public:
  Job(Napi::Env env, std::shared_ptr<Completions> completions)
      : completions_(std::move(completions)), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }
  void run(unsigned thread) noexcept override;
  /// On the JavaScript thread.
  void settle_unless_ending(Napi::Env env) noexcept;

  /// Submits the job and gives its promise.
  static Napi::Promise start(Napi::Env env, std::unique_ptr<Job> job, ThreadPool::Priority priority);

 protected:
  virtual void work(unsigned thread) = 0;
  virtual Napi::Value result(Napi::Env env) = 0;
  virtual void settle(Napi::Env env);

  void finish();
  void fail(std::exception_ptr error) { error_ = std::move(error); }

  std::shared_ptr<Completions> completions_;

 private:
  Napi::Promise::Deferred deferred_;
  std::exception_ptr error_;
};

/// `code` tells the TypeScript side which class of error it is.
Napi::Error to_javascript(Napi::Env env, std::exception_ptr error);

Napi::Value hits_to_javascript(Napi::Env env, Segment const& segment, std::vector<Neighbor> const& hits);

std::unique_ptr<Job> search_job(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment,
                                SearchRequest request);
std::unique_ptr<Job> save_job(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment,
                              std::string path);

/// Adds up to `limit` vectors on as many threads as there is work for, in slices between which the threads take other tasks.
Napi::Promise start_indexing(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment,
                             std::size_t limit);

}  // namespace engine
