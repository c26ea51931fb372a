"""What an answer of the hub, or the lack of one, means: a sentence with the next step, to try again or to stop at."""

import email.utils
import re
import socket
import ssl
from datetime import UTC, datetime

import httpx2

from helpers.checkpoints.problems import CheckpointError, TryAgain, megabytes

AGAIN = "Run the same command again: it goes on where it stopped."
PROXY = "if this network needs a proxy, set HTTPS_PROXY"
MIRROR = "if you set HF_ENDPOINT, check it"


def broken(error, host):
    """Return TryAgain or CheckpointError for an exception of the HTTP client."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return CheckpointError(
            f"The certificate of {host} is not trusted here. A company's proxy often causes this: set SSL_CERT_FILE to "
            "its certificate, or fetch from another network and copy the folder."
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return TryAgain(f"{host} was not found: there is no network, or no DNS. Check the connection; {PROXY}. {AGAIN}")
    if isinstance(error, httpx2.ProxyError):
        return CheckpointError(
            f"The proxy did not let the request to {host} pass ({error}). Check HTTPS_PROXY. {AGAIN}"
        )
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
        return TryAgain(f"{host} cannot be reached. Check the connection; {PROXY}; {MIRROR}. {AGAIN}")
    if isinstance(error, httpx2.TimeoutException):
        return TryAgain(f"{host} is too slow: nothing came for a while. {AGAIN}")
    if isinstance(error, httpx2.TooManyRedirects):
        return CheckpointError(f"{host} redirects without end. Check HF_ENDPOINT and the proxy.")
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return CheckpointError(f"{host} led to an address that cannot be used. Check HF_ENDPOINT and HTTPS_PROXY.")
    return TryAgain(f"The connection to {host} was cut. {AGAIN}")


def refused(response, host):
    """Return TryAgain or CheckpointError for an answer whose status is neither 200 nor 206."""
    status = response.status_code
    if status == 429:
        return TryAgain(
            f"{host} says that too many requests come from this address (429); a whole classroom shares one. Wait five "
            f"minutes, or copy the folder from somebody who has it. {AGAIN}",
            wait=asked_wait(response.headers),
        )
    if status == 408 or status >= 500:
        wait = asked_wait(response.headers) if status == 503 else None
        return TryAgain(f"{host} has a fault of its own ({status}). Try in some minutes. {AGAIN}", wait=wait)
    if status == 401:
        text = (
            f"{host} asks for a login (401). The originals are open to all, so this is a mirror or a proxy: {MIRROR}."
        )
    elif status == 403:
        text = f"{host} forbids the download (403). A firewall or a mirror often causes this: {MIRROR}, or use another network."
    elif status == 404:
        text = f"{host} does not have this file at the pinned commit (404). A mirror may lack it: {MIRROR}."
    elif status == 407:
        text = "The proxy asks for a name and a password (407). Put them into HTTPS_PROXY as http://name:password@host:port."
    else:
        text = f"{host} answered in an unexpected way ({status}): {MIRROR}, and check the proxy."
    return CheckpointError(text)


def asked_wait(headers, now=None):
    """Return the seconds that an answer asks to wait, from Retry-After (seconds or a date) or RateLimit (t=), or None.

    Retry-After is RFC 9110, section 10.2.3; RateLimit is what the hub sends with 429.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    if text:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
    found = re.search(r"\bt=(\d{1,9})\b", headers.get("RateLimit", ""))
    return float(found.group(1)) if found else None


def check_promise(response, host, revision, name, file):
    """Raise CheckpointError if the headers already say that this is not the pinned file; saves the download.

    The hub's own answer names the commit (X-Repo-Commit) and, when it redirects to its file store, the size of a large
    file (X-Linked-Size). X-Linked-Etag is not used: stores with hashes of their own put these there, too.
    """
    steps = [*response.history, response]
    schemes = [step.url.scheme for step in steps]
    if "http" in schemes[schemes.index("https") :] if "https" in schemes else False:
        raise CheckpointError(f"{host} redirects from https to unprotected http, which is refused. Check HF_ENDPOINT.")
    for step in steps:
        commit = step.headers.get("X-Repo-Commit")
        if commit and commit != revision:
            raise CheckpointError(
                f"{host} sent {name} of another commit ({commit[:8]}, expected {revision[:8]}): {MIRROR}."
            )
        size = step.headers.get("X-Linked-Size", "")
        if file.size is not None and size.isdecimal() and int(size) != file.size:
            raise wrong_size(host, name, int(size), file.size)
    length = response.headers.get("Content-Length", "")
    whole = response.status_code == 200 and "Content-Encoding" not in response.headers
    if whole and file.size is not None and length.isdecimal() and int(length) != file.size:
        raise wrong_size(host, name, int(length), file.size, response.headers.get("Content-Type", ""))


def wrong_size(host, name, got, expected, kind=""):
    """Return the CheckpointError for a file of another size than the pinned one."""
    page = (
        " It is a web page, perhaps the login page of this network: open a browser and log in."
        if "html" in kind
        else ""
    )
    return CheckpointError(
        f"{host} offers {name} with {got} bytes ({megabytes(got)}), expected {expected} ({megabytes(expected)}); it was "
        f"refused.{page} Otherwise {MIRROR}, or use another network."
    )


def wrong_hash(host, name):
    """Return the CheckpointError for a file whose SHA-256 is not the pinned one."""
    return CheckpointError(
        f"{name} from {host} is not the original: its SHA-256 differs from the pinned one, so it was thrown away. "
        f"Run the same command again; if it happens twice, {MIRROR}, or use another network."
    )


def _causes(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
