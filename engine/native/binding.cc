// What engine.node exports: create(options), open(path, options), packRows, canPackRows, sha256, threads, kernels.
#include <napi.h>

#include "jobs.hpp"
#include "kernels.hpp"
#include "rocks_rows_job.hpp"
#include "segment_file.hpp"
#include "segment_object.hpp"
#include "sha256_job.hpp"

namespace engine {
namespace {

class OpenJob : public Job {
 public:
  OpenJob(Napi::Env env, std::shared_ptr<Completions> completions, std::string path, SegmentOptions options)
      : Job(env, std::move(completions)), path_(std::move(path)), options_(options) {}

 protected:
  void work(unsigned) override { segment_ = SegmentFile::open(path_, options_, ThreadPool::of_process().size()); }
  Napi::Value result(Napi::Env env) override { return SegmentObject::wrap(env, std::move(segment_)); }

 private:
  std::string path_;
  SegmentOptions options_;
  std::shared_ptr<Segment> segment_;
};

Napi::Value create(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  try {
    return SegmentObject::wrap(env, std::make_shared<Segment>(read_options(info[0]), ThreadPool::of_process().size()));
  } catch (Napi::Error const&) {
    throw;
  } catch (...) {
    throw to_javascript(env, std::current_exception());
  }
}

Napi::Value open(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  try {
    auto const& completions = env.GetInstanceData<EnvironmentData>()->completions;
    return Job::start(env, std::make_unique<OpenJob>(env, completions, read_path(info[0]), read_options(info[1])),
                      ThreadPool::Priority::kBackground);
  } catch (Napi::Error const&) {
    throw;
  } catch (...) {
    throw to_javascript(env, std::current_exception());
  }
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* const data = new EnvironmentData{Completions::for_environment(env), Napi::Persistent(SegmentObject::define(env))};
  env.SetInstanceData(data);
  exports.Set("create", Napi::Function::New(env, create, "create"));
  exports.Set("open", Napi::Function::New(env, open, "open"));
  exports.Set("packRows", Napi::Function::New(env, pack_rows_of, "packRows"));
  exports.Set("canPackRows", Napi::Function::New(env, can_pack_rows_of, "canPackRows"));
  if (can_sha256()) exports.Set("sha256", Napi::Function::New(env, sha256_of, "sha256"));
  exports.Set("threads", Napi::Number::New(env, ThreadPool::of_process().size()));
  exports.Set("kernels", best_kernels().name);
  return exports;
}

}  // namespace
}  // namespace engine

static Napi::Object initialise_addon(Napi::Env env, Napi::Object exports) { return engine::initialise(env, exports); }

NODE_API_MODULE(engine, initialise_addon)
