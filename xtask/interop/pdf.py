"""PDFs signed and checked by pyHanko: pdf.py blank OUT | sign LEVEL URL KEY CERTIFICATE IN OUT FIELD | check IN |
check-long-term IN."""

import asyncio
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.pdf_utils import generic
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.aiohttp_client import AIOHttpTimeStamper
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend

GOVERNMENT = "pki/government/"


def certificate(path):
    with open(path, "rb") as file:
        return x509.Certificate.load(pem.unarmor(file.read())[2])


def blank(out):
    writer = PdfFileWriter()
    content = writer.add_object(generic.StreamObject(stream_data=b"0 0 m 10 10 l S"))
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    writer.insert_page(PageObject(contents=content, media_box=box))
    with open(out, "wb") as file:
        writer.write(file)


def context(**more):
    return ValidationContext(
        trust_roots=[certificate(GOVERNMENT + "ca/rootcag2.pem")],
        other_certs=[certificate(GOVERNMENT + "ca/cpcag2.pem")],
        **more,
    )


async def sign(level, url, key, cert, source, out, field):
    import aiohttp
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from asn1crypto.keys import PrivateKeyInfo
    from cryptography.hazmat.primitives import serialization as form
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    with open(key, "rb") as file:
        loaded = load_pem_private_key(file.read(), None)
    encoded = loaded.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    store = SimpleCertificateStore()
    store.register(certificate(GOVERNMENT + "ca/cpcag2.pem"))
    signer = signers.SimpleSigner(
        signing_cert=certificate(cert), signing_key=PrivateKeyInfo.load(encoded), cert_registry=store
    )
    if level == "B-LT-plain":
        # As it comes, pyHanko writes the time of the update into the metadata too, where a second has passed.
        IncrementalPdfFileWriter._update_meta = lambda self: None
        level = "B-LT"
    async with aiohttp.ClientSession() as session, AIOHttpFetcherBackend() as fetchers:
        stamper = AIOHttpTimeStamper(url + "/tsa/government/services/tsa-g2", session)
        more = {}
        if level in ("B-LT", "B-LTA"):
            more = {
                "embed_validation_info": True,
                "use_pades_lta": level == "B-LTA",
                "validation_context": context(
                    allow_fetching=True, revocation_mode="hard-fail", fetchers=fetchers
                ),
            }
        metadata = signers.PdfSignatureMetadata(
            field_name=field, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256", **more
        )
        with open(source, "rb") as file:
            writer = IncrementalPdfFileWriter(file)
            pdf = signers.PdfSigner(
                metadata, signer, timestamper=None if level == "B-B" else stamper,
                new_field_spec=fields.SigFieldSpec(field, box=(50, 50, 200, 100)),
            )
            signed = await pdf.async_sign_pdf(writer)
        with open(out, "wb") as file:
            file.write(signed.getbuffer())


def tell(embedded, status):
    # The status of a document time-stamp has no bottom line of its own.
    is_good = getattr(status, "bottom_line", status.intact and status.valid and status.trusted)
    print(embedded.field_name, "VALID" if is_good else "NOT VALID", status.summary())
    if not is_good:
        sys.exit(1)


async def check(source):
    with open(source, "rb") as file:
        reader = PdfFileReader(file)
        for embedded in reader.embedded_signatures:
            if embedded.sig_object["/Type"] == "/DocTimeStamp":
                status = await async_validate_pdf_timestamp(embedded, context())
            else:
                status = await async_validate_pdf_signature(embedded, context(), context())
            tell(embedded, status)


async def check_long_term(source):
    """By the validation data in the file: only the anchor is given, nobody is asked, revocation has to be known."""
    with open(source, "rb") as file:
        reader = PdfFileReader(file)
        anchor = {"trust_roots": [certificate(GOVERNMENT + "ca/rootcag2.pem")], "revocation_mode": "hard-fail"}

        def own():
            return DocumentSecurityStore.read_dss(reader).as_validation_context(dict(anchor))

        for embedded in reader.embedded_signatures:
            if embedded.sig_object["/Type"] == "/DocTimeStamp":
                # Nothing in the file is about the authority of its last time-stamp.
                status = await async_validate_pdf_timestamp(embedded, context())
            else:
                status = await async_validate_pdf_signature(embedded, own(), own())
            tell(embedded, status)


match sys.argv[1:]:
    case ["blank", out]:
        blank(out)
    case ["sign", *rest]:
        asyncio.run(sign(*rest))
    case ["check", source]:
        asyncio.run(check(source))
    case ["check-long-term", source]:
        asyncio.run(check_long_term(source))
    case _:
        sys.exit(__doc__)
