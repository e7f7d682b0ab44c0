/** A certificate and its private key, both PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What the kit's servers speak TLS with. Valid until 2126. The keys are public: trust `ca` in tests only. */
export interface LoopbackTls extends TlsIdentity {
  /** Certificate of the authority that issued both identities, PEM. Its own key was thrown away. */
  readonly ca: string;
  /** For `wrong.example` alone: a client that checks names refuses it on loopback. */
  readonly wrongHost: TlsIdentity;
}

/** An identity for `localhost`, `127.0.0.1` and `::1`, see {@link LoopbackTls}. */
export const loopbackTls: LoopbackTls = {
  ca: `-----BEGIN CERTIFICATE-----
MIIBvTCCAWOgAwIBAgIUKR8wtvwE4D6ShywqrmjJdBgx0xMwCgYIKoZIzj0EAwIw
KzEpMCcGA1UEAwwgSGVhZGdhdGUgbG9vcGJhY2sgdGVzdCBhdXRob3JpdHkwIBcN
MjYxMTI2MDIwMTEwWhgPMjEyNjExMDIwMjAxMTBaMCsxKTAnBgNVBAMMIEhlYWRn
YXRlIGxvb3BiYWNrIHRlc3QgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE3aGoKE1cw9ihidxMtdAagKP2HElp0jgu7aRQw/l245cEMXpsX+qFFhKM
SrpFG53j1d303TTF+6Hkz3zYsYQuxqNjMGEwHQYDVR0OBBYEFCZnET/iNYKCRwWV
CRkMHNJgKUhhMB8GA1UdIwQYMBaAFCZnET/iNYKCRwWVCRkMHNJgKUhhMA8GA1Ud
EwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0gAMEUCIQDL
qk7gwB2iQvSNr9dLU5k4nWXBzUJTZNnE52+AqHY5GQIgQZzF/MbLSNhPtuWJjW5z
1nEYa1BkEcQQWbs3gbGbQ9U=
-----END CERTIFICATE-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIB6DCCAY6gAwIBAgIUPsI4JfIWZ7qawEErRXx6VyRLfgcwCgYIKoZIzj0EAwIw
KzEpMCcGA1UEAwwgSGVhZGdhdGUgbG9vcGJhY2sgdGVzdCBhdXRob3JpdHkwIBcN
MjYxMTI2MDIwMTEwWhgPMjEyNjExMDIwMjAxMTBaMBQxEjAQBgNVBAMMCWxvY2Fs
aG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKb9ygvdWkN/lrxO9yAqMaC8
AZDGK33SJ45ZRKkEO6VoR8p3kIE7eXYlC40Djze/2bKC8Rk15eZlrTGGFyv+no+j
gaQwgaEwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYI
KwYBBQUHAwEwLAYDVR0RBCUwI4IJbG9jYWxob3N0hwR/AAABhxAAAAAAAAAAAAAA
AAAAAAABMB0GA1UdDgQWBBRf6q5C2UAFU0DrA9eZAauG4JpkLzAfBgNVHSMEGDAW
gBQmZxE/4jWCgkcFlQkZDBzSYClIYTAKBggqhkjOPQQDAgNIADBFAiBJ3H+sy+un
xJNKZRfvW/uOb8xzPAlNmLkVD8SEJ2VkgQIhAJ+gVNpoejzZqljX4XUKxjeUiFFX
+spdwpfQQwt+ozVt
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZjFp5NVff8eGHgtr
s9x2IfVCeei98+zhxo1vRnlFL+2hRANCAASm/coL3VpDf5a8TvcgKjGgvAGQxit9
0ieOWUSpBDulaEfKd5CBO3l2JQuNA483v9mygvEZNeXmZa0xhhcr/p6P
-----END PRIVATE KEY-----`,
  wrongHost: {
    cert: `-----BEGIN CERTIFICATE-----
MIIB2DCCAX6gAwIBAgIUPsI4JfIWZ7qawEErRXx6VyRLfggwCgYIKoZIzj0EAwIw
KzEpMCcGA1UEAwwgSGVhZGdhdGUgbG9vcGJhY2sgdGVzdCBhdXRob3JpdHkwIBcN
MjYxMTI2MDIwMTEwWhgPMjEyNjExMDIwMjAxMTBaMBgxFjAUBgNVBAMMDXdyb25n
LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQton3mfwxu52TmC1Eq
WQPjxNIbfwto7nBb6hmPsFmX2GexrkB2iQ2f+s98bcieAcrQULGFQNWDnqZgDyHj
kIPAo4GQMIGNMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQM
MAoGCCsGAQUFBwMBMBgGA1UdEQQRMA+CDXdyb25nLmV4YW1wbGUwHQYDVR0OBBYE
FLEVGXg4xZXmhGSMOXzeKGP2WhbTMB8GA1UdIwQYMBaAFCZnET/iNYKCRwWVCRkM
HNJgKUhhMAoGCCqGSM49BAMCA0gAMEUCIQCBykrzlHoQaj9hFmva3f6vJe9Rcekq
uOYq9praOOmKHwIgYA9DCVfNGNLQDTVBzf/tY2E3mqoqaAMRLYSEVStZkLs=
-----END CERTIFICATE-----`,
    key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLEIs6hHLojkkJ06s
QY7gGnlPMeRtPc7i36HbvDxz+xihRANCAAQton3mfwxu52TmC1EqWQPjxNIbfwto
7nBb6hmPsFmX2GexrkB2iQ2f+s98bcieAcrQULGFQNWDnqZgDyHjkIPA
-----END PRIVATE KEY-----`,
  },
};
