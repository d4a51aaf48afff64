#include "support/temp_folder.h"
#include "tls_peers.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace parley;
using namespace parley::net;
using namespace parley::net::test;

namespace {

struct Files {
    TempFolder folder;
    TlsOptions options{.certificateFile = (folder.path() / "certificate.pem").string(),
                       .keyFile = (folder.path() / "key.pem").string()};

    void write(EVP_PKEY& key) const {
        writeCertificate(options.certificateFile, key);
        writeKey(options.keyFile, key);
    }
    std::string refusal() const {
        const auto read = readCertificate(options);
        REQUIRE_FALSE(read.ok());
        CHECK(read.error().code == ErrorCode::invalid_setting);
        return read.error().message;
    }
};

}  // namespace

TEST_CASE("a certificate is read with its key") {
    const Files files;
    files.write(GENERATE(true, false) ? *ecKey() : *rsaKey(2048));
    const auto read = readCertificate(files.options);
    REQUIRE(read.ok());
    const auto hours =
        (read.value()->notAfter().value - read.value()->notBefore().value) / 3'600'000;
    CHECK(hours == 2);
}

TEST_CASE("a certificate without a file, or with an empty one, is refused by the file's name") {
    const Files files;
    CHECK(files.refusal().starts_with("tls.certificate " + files.options.certificateFile + ": "));
    writeCertificate(files.options.certificateFile, *ecKey());
    CHECK(files.refusal() ==
          "tls.key " + files.options.keyFile + ": the file is empty or cannot be read");
    std::ofstream(files.options.keyFile) << "";
    CHECK(files.refusal().ends_with(": the file is empty or cannot be read"));
}

TEST_CASE("a file that is no PEM is refused") {
    const Files files;
    files.write(*ecKey());
    std::ofstream(files.options.keyFile) << "secret words";
    CHECK(files.refusal().find("not a private key in PEM") != std::string::npos);
    CHECK(files.refusal().find("secret") == std::string::npos);
    std::ofstream(files.options.certificateFile) << "no certificate";
    CHECK(files.refusal().find("not a chain of PEM certificates") != std::string::npos);
}

TEST_CASE("a key that is not the certificate's is refused") {
    const Files files;
    files.write(*ecKey());
    writeKey(files.options.keyFile, GENERATE(true, false) ? *ecKey() : *rsaKey(2048));
    CHECK(files.refusal().ends_with(
        "the key is not that of the first certificate in tls.certificate"));
}

TEST_CASE("a key with a passphrase is refused, and nobody is asked for it") {
    const Files files;
    const auto key = ecKey();
    files.write(*key);
    writeKey(files.options.keyFile, *key, "passphrase");
    CHECK(files.refusal().find("the key has a passphrase") != std::string::npos);
}

TEST_CASE("a weak key is refused") {
    const Files files;
    files.write(*rsaKey(1024));
    CHECK(files.refusal().find("too small") != std::string::npos);
}

TEST_CASE("an outdated certificate can be used") {
    const Files files;
    const auto key = ecKey();
    files.write(*key);
    writeCertificate(files.options.certificateFile, *key, /*seconds=*/-60);
    CHECK(readCertificate(files.options).ok());
}
