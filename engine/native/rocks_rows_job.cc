#include "rocks_rows_job.hpp"

#include <memory>
#include <string>

#include "low_priority_job.hpp"
#include "rocks_rows.hpp"
#include "segment_object.hpp"

namespace engine {
namespace {

class PackJob : public LowPriorityJob {
 public:
  PackJob(Napi::Env env, RocksLibrary const& library, void* iterator, Napi::Buffer<std::uint8_t> into, RowLimits limits)
      : LowPriorityJob(env, into), library_(library), iterator_(iterator), into_(into.Data()), size_(into.Length()), limits_(limits) {}

 protected:
  void work_through() override { packed_ = pack_rows(library_, iterator_, into_, size_, limits_); }

  Napi::Value result(Napi::Env env) override {
    Napi::Object answer = Napi::Object::New(env);
    answer.Set("bytes", Napi::Number::New(env, double(packed_.bytes)));
    answer.Set("rows", Napi::Number::New(env, double(packed_.rows)));
    answer.Set("next", packed_.next.empty() ? env.Undefined() : Napi::Buffer<char>::Copy(env, packed_.next.data(), packed_.next.size()));
    answer.Set("nextBytes", Napi::Number::New(env, double(packed_.next_bytes)));
    return answer;
  }

 private:
  RocksLibrary const& library_;
  void* iterator_;
  std::uint8_t* into_;
  std::size_t size_;
  RowLimits limits_;
  PackedRows packed_;
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
  RowLimits const limits{whole_number(info[3]), whole_number(info[4])};
  return LowPriorityJob::start(env, std::make_unique<PackJob>(env, *library, handle.Data(), into, limits));
}

}  // namespace engine
