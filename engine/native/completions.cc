#include "completions.hpp"

#include "jobs.hpp"

namespace engine {

std::shared_ptr<Completions> Completions::for_environment(Napi::Env env) {
  auto completions = std::make_shared<Completions>();
  napi_value const name = Napi::String::New(env, "vector segment");
  napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, completions.get(),
                                                       settle_all, &completions->wake_);
  if (status != napi_ok) throw Napi::Error::New(env, "cannot create the completion queue");
  napi_unref_threadsafe_function(env, completions->wake_);
  // Hooks run last first, so this one closes the queue before node destroys the function that it would call. The hook also holds the
  // last reference: callbacks get a plain pointer.
  auto* const kept = new std::shared_ptr<Completions>(completions);
  status = napi_add_env_cleanup_hook(
      env,
      [](void* data) {
        auto* const held = static_cast<std::shared_ptr<Completions>*>(data);
        (*held)->close();
        delete held;
      },
      kept);
  if (status != napi_ok) throw Napi::Error::New(env, "cannot register the cleanup hook");
  return completions;
}

void Completions::expect(Napi::Env env) {
  if (outstanding_++ == 0) napi_ref_threadsafe_function(env, wake_);
}

void Completions::deliver(std::unique_ptr<Job> job) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  done_.push_back(std::move(job));
  // Under the lock, or the environment could go between the test above and this call.
  if (done_.size() == 1) napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void Completions::close() {
  std::vector<std::unique_ptr<Job>> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(done_);
}

void Completions::settle_all(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;
  auto const self = static_cast<Completions*>(context)->shared_from_this();
  std::vector<std::unique_ptr<Job>> done;
  {
    std::lock_guard lock(self->mutex_);
    done.swap(self->done_);
  }
  for (auto& job : done) {
    Napi::HandleScope scope(env);
    job->settle_unless_ending(env);
  }
  self->outstanding_ -= done.size();
  if (self->outstanding_ == 0) napi_unref_threadsafe_function(env, self->wake_);
}

}  // namespace engine
