#include "sha256_job.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "low_priority_job.hpp"
#include "turns.hpp"

namespace engine {
namespace {

/// The part of OpenSSL's interface that is used here, so that its headers are not needed to build.
struct OpenSsl {
  void* (*create)() = named<void* (*)()>("EVP_MD_CTX_new");
  void (*destroy)(void* context) = named<void (*)(void*)>("EVP_MD_CTX_free");
  void const* (*sha256)() = named<void const* (*)()>("EVP_sha256");
  int (*begin)(void* context, void const* type, void* engine) = named<int (*)(void*, void const*, void*)>("EVP_DigestInit_ex");
  int (*add)(void* context, void const* data, std::size_t size) = named<int (*)(void*, void const*, std::size_t)>("EVP_DigestUpdate");
  int (*end)(void* context, unsigned char* digest, unsigned* size) = named<int (*)(void*, unsigned char*, unsigned*)>("EVP_DigestFinal_ex");

  static OpenSsl const& of_process() {
    static OpenSsl const found;
    return found;
  }

  bool is_there() const { return create && destroy && sha256 && begin && add && end; }

 private:
  template <typename Function>
  static Function named(char const* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  }
};

using Digest = std::array<std::uint8_t, 32>;

Digest sha256_in_turns(std::uint8_t const* data, std::size_t size) {
  constexpr std::size_t kPiece = 64 << 10;
  auto const& ssl = OpenSsl::of_process();
  std::unique_ptr<void, void (*)(void*)> const context(ssl.create(), ssl.destroy);
  bool sound = context && ssl.begin(context.get(), ssl.sha256(), nullptr) == 1;
  Turns turns;
  for (std::size_t at = 0; sound && at < size; at += kPiece) {
    sound = ssl.add(context.get(), data + at, std::min(kPiece, size - at)) == 1;
    turns.give_way_when_due();
  }
  Digest digest{};
  if (!sound || ssl.end(context.get(), digest.data(), nullptr) != 1) throw std::runtime_error("OpenSSL gives no SHA-256");
  return digest;
}

class Sha256Job : public LowPriorityJob {
 public:
  Sha256Job(Napi::Env env, Napi::Buffer<std::uint8_t> bytes) : LowPriorityJob(env, bytes), data_(bytes.Data()), size_(bytes.Length()) {}

 protected:
  void work_through() override { digest_ = sha256_in_turns(data_, size_); }

  Napi::Value result(Napi::Env env) override { return Napi::Buffer<std::uint8_t>::Copy(env, digest_.data(), digest_.size()); }

 private:
  std::uint8_t const* data_;
  std::size_t size_;
  Digest digest_{};
};

}  // namespace

bool can_sha256() { return OpenSsl::of_process().is_there(); }

Napi::Value sha256_of(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  if (!info[0].IsBuffer()) throw Napi::TypeError::New(env, "sha256 takes a buffer");
  return LowPriorityJob::start(env, std::make_unique<Sha256Job>(env, info[0].As<Napi::Buffer<std::uint8_t>>()));
}

}  // namespace engine
