#include "rocks_rows_job.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "jobs.hpp"
#include "rocks_rows.hpp"
#include "segment_object.hpp"

namespace engine {
namespace {

struct Memory {
  std::uint8_t* data;
  std::size_t size;
};

/// The environment, and with it the iterator and the memory, goes no earlier than the job is through with them.
class PackJob : public Job {
 public:
  PackJob(Napi::Env env, std::shared_ptr<Completions> completions, RocksLibrary const& library, void* iterator, Memory into, RowLimits limits)
      : Job(env, std::move(completions)), library_(library), iterator_(iterator), into_(into), limits_(limits) {
    ended_ = new std::future<void>(end_.get_future());
    napi_add_env_cleanup_hook(env, wait, ended_);
  }

  void settle(Napi::Env env) override {
    napi_remove_env_cleanup_hook(env, wait, ended_);
    delete ended_;
    Job::settle(env);
  }

 protected:
  void work(unsigned) override {
    try {
      packed_ = pack_rows(library_, iterator_, into_.data, into_.size, limits_);
    } catch (...) {
      fail(std::current_exception());
    }
    end_.set_value();
  }

  Napi::Value result(Napi::Env env) override {
    Napi::Object answer = Napi::Object::New(env);
    answer.Set("bytes", Napi::Number::New(env, double(packed_.bytes)));
    answer.Set("rows", Napi::Number::New(env, double(packed_.rows)));
    answer.Set("next", packed_.next.empty() ? env.Undefined() : Napi::Buffer<char>::Copy(env, packed_.next.data(), packed_.next.size()));
    answer.Set("nextBytes", Napi::Number::New(env, double(packed_.next_bytes)));
    return answer;
  }

 private:
  static void wait(void* ended) {
    static_cast<std::future<void>*>(ended)->wait();
    delete static_cast<std::future<void>*>(ended);
  }

  RocksLibrary const& library_;
  void* iterator_;
  Memory into_;
  RowLimits limits_;
  PackedRows packed_;
  std::promise<void> end_;
  std::future<void>* ended_;
};

RocksLibrary const* library_of(Napi::Value path) { return RocksLibrary::loaded_from(read_path(path)); }

std::size_t whole_number(Napi::Value value) {
  double const number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= 1e9)) throw Napi::RangeError::New(value.Env(), "a number of bytes or rows is out of range");
  return std::size_t(number);
}

}  // namespace

Napi::Value can_pack_rows_of(Napi::CallbackInfo const& info) {
  return Napi::Boolean::New(info.Env(), library_of(info[0]) != nullptr);
}

Napi::Value pack_rows_of(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  RocksLibrary const* const library = library_of(info[0]);
  if (library == nullptr) throw Napi::Error::New(env, "rocksdb-native is not loaded, or exports nothing");
  if (!info[1].IsArrayBuffer() || !info[2].IsBuffer()) throw Napi::TypeError::New(env, "packRows takes the handle of an iterator and a buffer");
  auto handle = info[1].As<Napi::ArrayBuffer>();
  if (handle.ByteLength() != kIteratorHandleBytes) throw Napi::Error::New(env, "rocksdb-native's iterators are not what they were");
  auto into = info[2].As<Napi::Buffer<std::uint8_t>>();
  auto const& completions = env.GetInstanceData<EnvironmentData>()->completions;
  RowLimits const limits{whole_number(info[3]), whole_number(info[4])};
  auto job = std::make_unique<PackJob>(env, completions, *library, handle.Data(), Memory{into.Data(), into.Length()}, limits);
  Napi::Promise const promise = job->promise();
  completions->expect(env);
  ThreadPool::of_low_priority().submit(std::move(job), ThreadPool::Priority::kBackground);
  return promise;
}

}  // namespace engine
