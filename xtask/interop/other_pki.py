"""What certomancer answers for its PKI: other_pki.py certificates FOLDER | lists FOLDER | stamp REQUEST OUT |
ocsp REQUEST OUT."""

import os
import sys
from datetime import datetime, timezone

from asn1crypto import ocsp, tsp
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, ServiceLabel

HERE = os.path.dirname(os.path.abspath(__file__))
config = CertomancerConfig.from_file(os.path.join(HERE, "certomancer.yml"), key_search_dir=".")
arch = config.get_pki_arch(ArchLabel("theirs"))
services = arch.service_registry
# Whole seconds: with fractions certomancer writes times that RFC 6960 2.4 and RFC 5280 4.1.2.5.2 do not allow, and we
# refuse such responses.
now = datetime.now(timezone.utc).replace(microsecond=0)


def write(path, value):
    with open(path, "wb") as file:
        file.write(value.dump())


def read(path, kind):
    with open(path, "rb") as file:
        return kind.load(file.read())


match sys.argv[1:]:
    case ["certificates", folder]:
        for label in ("root", "interm", "signer", "revoked", "tsa"):
            write(os.path.join(folder, f"theirs-{label}.crt"), arch.get_cert(CertLabel(label)))
    case ["lists", folder]:
        for label in ("root", "interm"):
            write(os.path.join(folder, f"theirs-{label}.crl"), services.get_crl(ServiceLabel(label), now))
    case ["ocsp", request, out]:
        responder = services.summon_responder(ServiceLabel("interm"), now)
        write(out, responder.build_ocsp_response(read(request, ocsp.OCSPRequest)))
    case ["stamp", request, out]:
        stamper = services.summon_timestamper(ServiceLabel("tsa"), now)
        write(out, stamper.request_tsa_response(read(request, tsp.TimeStampReq)))
    case _:
        sys.exit(__doc__)
