// Keys for tests of signatures, made with the openssl command line; they guard nothing.
#pragma once

#include <string_view>

namespace gatehouse::test {

inline constexpr std::string_view rsa_private_key = R"(-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDx0TDyZ0wSnbpA
mAkqihd1EpAVW9LthnQ8xgFVf9t3kIt4dv5l2B+gIoj74NwGlq701BWrs739l8ZY
picfH+/0bFHwem/rJCc6o3LIbrS5eXLNMUX74yOJV4wUbJqLQeWXhMngtpXePX1W
Rcx1N30TVJRRU8DP+amOjhRi9QBfoLA4OhTr/9Kha7JkxwGTfk5Mk+dQD0IKR+pi
D1/6huEL690PcdsdSEemzkduMx+wMv4ux4ADC0Bovgq5YIbX3v3eZBDhIF3C1hdu
0WS7W49hvAks10ZAyfRKLnCSBEkPuNUmlLWlAqJg1q4ewM44AD+6uHp7d2i7lM39
RcMH2wnHAgMBAAECggEAWitEgqcU/T4WRN7MUDH05EE7O9OlF8/SiRTWS4DlH7Tk
5NMOMoC/7jDifnWO5eALNhzdRcy8tBKDseum29rHWY+IkFC/aeFtxVZMR0PMnPqV
3cCZVX8RcbWU9Mq4Z+P3DiREOMgsoxWvpltZjX3W5D3eHmNKGuMAIDmHjYzJCl7B
tf/gVdrxk13+MmMYIermZA3Oygs98b1KrWECL7b5zI5h4V6YWjVJuEtZefUn3Sbb
gElWMMLZEdEZHm7y2UN+8oUkxjNbMSeVY4p7TQIpZMSZI6WEIInhGHS3u6Z2AiJG
uax7XD6KBLQsbb34p1CQAJs5gAkM6kd3tbQk2xg0uQKBgQD7sdgpHW5D2mILDqdB
psExgxKo0Mbygto62k4G2NnEYm6DvAf70QijRyi7Yf4Fk7yoQ/1BvjILrSThFecg
N/dosElVM8feQq2awdc8lJhHWIYGLBI7e/28ehrHy4Aw/xFlNNM83r7iFlsco6s3
PU/zfZ9lTTHsbEyOY13mZRNkHwKBgQD19Bf4OTKmCRjGUHgmEr6GABYgYDi/xsBp
xVMDG6P4xaAfqjiCJ7qUmKpKKwKFnWfF1TOHj6kJBW3mDzoCasSrlQxXdoO2IZyu
3Q0xXsF/DhvEDUwIyyKthlccQCGzBUpIl8hyv6J0OBXZCozV9h/NmJsp5iKcy/Bn
kG/sxsNlWQKBgQD7SaDt06Nd/S97qKKWaj1iCGHdx6uJPdlRftj9/wzUBA4gWd+C
qz07fvUMuBYcTVbCjDbSp2hhvfke/HYn9Zh+ndppRWxb3ChlZPhWVGkAekI88U02
tGEtBp+sL+GJiW89oxLvJ9hd80H+Au4TFZS4HgjA4+RfDfUVB+Ic/3bvswKBgQCD
9oqh0TaepUTYqrY8X1RAG23DwzzPkLkORyRKB5uLz6UhODiHhP9z2RGNJ9R7kj/q
goDaXDcqsvILPOI4B8cr9JWhm+IBZ7lkjRAWDCwvmodFQokoMq2RgwHcE4DBR7Za
iq2u+6kTSEBYqnN0HVFlA1tFOMgbbsS3HGUhGmgeSQKBgCVL2TPqzYvQ+E4dPY4J
Cs06U+JKJ/LP9iqFLO0IBdzuPEUSG6FJ2XAuofMbDYM/9b+b2rft7k0iT81sAhp7
D5xFHBNBCoMuinib8Ke2OJ2xCGVXXAgzjQ4lYgAXuho41QJ/4+XyQsV/zYbPHO9U
LUV0Ia1OV+MQ3Exqq5gkbTmH
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view rsa_public_key = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA8dEw8mdMEp26QJgJKooX
dRKQFVvS7YZ0PMYBVX/bd5CLeHb+ZdgfoCKI++DcBpau9NQVq7O9/ZfGWKYnHx/v
9GxR8Hpv6yQnOqNyyG60uXlyzTFF++MjiVeMFGyai0Hll4TJ4LaV3j19VkXMdTd9
E1SUUVPAz/mpjo4UYvUAX6CwODoU6//SoWuyZMcBk35OTJPnUA9CCkfqYg9f+obh
C+vdD3HbHUhHps5HbjMfsDL+LseAAwtAaL4KuWCG19793mQQ4SBdwtYXbtFku1uP
YbwJLNdGQMn0Si5wkgRJD7jVJpS1pQKiYNauHsDOOAA/urh6e3dou5TN/UXDB9sJ
xwIDAQAB
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view ecdsa_private_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgC8FDjJPhag3+fXxV
9TSMFrRIV0zD3xsdG0rT5BMwhPmhRANCAARlodUWa5dN6uIDGAUr7wqgDJIYTCsR
4o9NyWWei2MY7Psukqqgayeg2jxYI7XFqHyhaUURXyauQ96wtSfk5FqN
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view ecdsa_public_key = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZaHVFmuXTeriAxgFK+8KoAySGEwr
EeKPTcllnotjGOz7LpKqoGsnoNo8WCO1xah8oWlFEV8mrkPesLUn5ORajQ==
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view rsa_1024_public_key = R"(-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDQMULyaHHK0AaMHorwtHVbpUCr
ZpLAqGS5P1c12e8aq9blV9Op3S6PzT4s9RDAVc/fjUG7SNR6UMa6qqLs71/t5JYx
LhyXm2Is/jAd0jItS6Kcyr+I6+rXn2M6L7bdgz6yc1rdEQy3GF+kFRakOVraOsCv
GVAIFHmEI1/K/wOxMQIDAQAB
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view p384_public_key = R"(-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE9ZQKjPwxS/2p9bhwu2ASU3/9+hjKqNWt
COt0U9FxGU5tBrDbfuIYP2B4ZlvtJ6jBcqUMXP0n3njo4etEnoPyjLKI9AaS4WWP
grE2iQdyTFWNfBLKNwKZQUmH/1mbBOQA
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view ed25519_public_key = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEALWEexGdhKUtFEKVeLcv0f2uPKuTK9G45hpVrbgStMyA=
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view encrypted_private_key = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg2OnJf2S0O8wICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEC4b30fvn30UCo3Y/sXRrVcEgZBv
W4fpArJWdauC8RbEGgCjKZ8Ps0BBIlbIGwzirKnN3AwTUVuaNE+E2J5Bu1lsdYvh
GCtWiGWFp3/BBpxlTMAplTEB4fCospuGjbSiV5z4N64YH0KFIy0wr37my9j1jkZT
DNfKFKIZgbdegny5zeevRF2CuFLfYbRpixWrXB2guOCYipnZ+dTbEIkaI2LCQls=
-----END ENCRYPTED PRIVATE KEY-----
)";

/// Over "a text to sign", by `openssl dgst -sign`, in the base64 of CloudFront.
inline constexpr std::string_view signed_text = "a text to sign";
inline constexpr std::string_view rsa_sha1_signature =
    "CDAZhVuENRC6Z91D-sC-SeB9fJKz~QTAFgFlkGD648Ou8uKalG-tJtGVcu7DPEpg~xxoRTe7Hx4N0~shzIKSnjvnQIclhQnRlqG6f19N5mWSxP"
    "6aXSSfrs-GusrMbg0HvSgBeCtbRNlSeDgypKxKeyU1KksBEvBA1C5OqhNZvcrmol28rjiPM2WWNrTQpn5cIOojORYw7kf-83N7jUZgtPhCX9ia"
    "kz9Bd~VDEvYtXQH7RLx9f-zNBww~MNRJPURwbrLOmWVpSiGvIi19d55g5O6nG1cCLLr1a9huS1tUqskIHAMJBOwrfR5GouD3L-DFoDouR-mIne"
    "ksbxUTLjRNDw__";
inline constexpr std::string_view rsa_sha256_signature =
    "Pw2LXfsFboyOeWvklLwMw9Wt5WBePNT45swCbJiC~Ia3BnRPKJjHxlHg~W3u4G5gSYnqM4C-xZWDwmrKfmWD4JqOeRK7GVfLZmdPeKWp4DppI5"
    "QQgwen~JpTEqJuDSfekL2t9eBOfpQlqcx0bjXQy2mV~QGGeyv69V3ww2eGOK4BGeyi-chGICZi-ywMNCs08inkOa6e3V2-Azi2AS6Rg1D5lC0X"
    "LaFDoOzov81IKR6IQxOcWGWl5M6GYR5EWFZNfMaz7D8hxu3TxQ9Zhmr~ulZiOxChlnWmy4e6Zy6vRMV~pmbn90qWARUM2PeMLnvM-2YBBaJHTC"
    "PlOQvBZYHS4Q__";
inline constexpr std::string_view ecdsa_sha256_signature =
    "MEUCIFwMK2fdfnQjQGbGPbPxsTmw0wDpwaPE9mYypt00U-bjAiEAs14C3Eg82c0MtiZK6O~neY2t8eTAOYakS7okZpjCB7E_";

}  // namespace gatehouse::test
