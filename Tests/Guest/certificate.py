"""Certificates of servers, and an authority that issues them, by openssl."""
import hashlib
import ssl
import subprocess

KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc']


def openssl(*words):
    subprocess.run(['openssl', *words], check=True, capture_output=True)


class Certificate:
    """For the address `host`; its own issuer, unless another is named."""

    def __init__(self, path, host, issuer=None):
        self.path, self.key = f'{path}.pem', f'{path}.key'
        issued = ['-CA', issuer.path, '-CAkey', issuer.key] if issuer else []
        openssl('req', '-x509', *KEY, '-keyout', self.key, '-out', self.path, *issued, '-days', '30', '-subj', f'/CN={host}',
                '-addext', f'subjectAltName=IP:{host}', '-addext', 'basicConstraints=critical,CA:FALSE')

    @property
    def pem(self):
        with open(self.path) as file:
            return file.read()

    @property
    def fingerprint(self):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.pem)).hexdigest()

    @property
    def settings(self):
        """As practice-gateway takes it."""
        with open(self.key) as file:
            return {'certificate': self.pem, 'key': file.read(), 'fingerprint': self.fingerprint}


class Authority:
    def __init__(self, path):
        self.folder, self.path, self.key = path, f'{path}.pem', f'{path}.key'
        openssl('req', '-x509', *KEY, '-keyout', self.key, '-out', self.path, '-days', '30', '-subj', '/CN=Authority')

    def issue(self, path, host):
        return Certificate(path, host, issuer=self)
