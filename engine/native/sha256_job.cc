#include "sha256_job.hpp"

#include <dlfcn.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "low_priority_job.hpp"

namespace engine {
namespace {

/// The part of OpenSSL's interface that is used here, so that its headers are not needed to build.
struct OpenSsl {
  using Digest = int (*)(void const* data, std::size_t size, unsigned char* digest, unsigned* digest_size, void const* type, void* engine);
  using Sha256 = void const* (*)();
  Digest digest = reinterpret_cast<Digest>(dlsym(RTLD_DEFAULT, "EVP_Digest"));
  Sha256 sha256 = reinterpret_cast<Sha256>(dlsym(RTLD_DEFAULT, "EVP_sha256"));

  static OpenSsl const& of_process() {
    static OpenSsl const found;
    return found;
  }
};

class Sha256Job : public LowPriorityJob {
 public:
  Sha256Job(Napi::Env env, Napi::Buffer<std::uint8_t> bytes) : LowPriorityJob(env, bytes), data_(bytes.Data()), size_(bytes.Length()) {}

 protected:
  void work_through() override {
    auto const& [digest, sha256] = OpenSsl::of_process();
    if (digest(data_, size_, sum_.data(), nullptr, sha256(), nullptr) != 1) throw std::runtime_error("OpenSSL gives no SHA-256");
  }

  Napi::Value result(Napi::Env env) override { return Napi::Buffer<std::uint8_t>::Copy(env, sum_.data(), sum_.size()); }

 private:
  std::uint8_t const* data_;
  std::size_t size_;
  std::array<std::uint8_t, 32> sum_{};
};

}  // namespace

bool can_sha256() { return OpenSsl::of_process().digest != nullptr && OpenSsl::of_process().sha256 != nullptr; }

Napi::Value sha256_of(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  if (!info[0].IsBuffer()) throw Napi::TypeError::New(env, "sha256 takes a buffer");
  return LowPriorityJob::start(env, std::make_unique<Sha256Job>(env, info[0].As<Napi::Buffer<std::uint8_t>>()));
}

}  // namespace engine
