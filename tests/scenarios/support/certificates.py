"""Certificates for listeners, made by openssl."""
import os
import subprocess


def make(folder, name, host):
    """A self-signed certificate NAME.pem and its key NAME.key; the certificate's path."""
    certificate, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host},DNS:localhost", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True, timeout=20)
    return certificate
