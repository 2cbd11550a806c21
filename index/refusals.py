"""What the hub of models, the network and the disk refuse: each in one line with its remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from index.catalogue import KnownModel
from index.errors import HubUnreachable, ModelError
from index.places import models_dir


@contextmanager
def plainly(model: KnownModel, *, fetching: bool = False) -> Iterator[None]:
    """Turn what the hub, the network and the disk may raise into one line with the remedy.

    Once files are being fetched, it also tells that the next time goes on with them.
    """
    import httpx2
    from huggingface_hub import constants, errors
    from huggingface_hub.utils import logging

    logging.set_verbosity_error()
    page = f"{constants.ENDPOINT}/{model.repository}"
    kept = ": what has come is kept, and gone on with the next time" if fetching else ""
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise HubUnreachable("HF_HUB_OFFLINE is set: nothing is fetched; unset it") from None
    except errors.GatedRepoError:
        raise _gated(model, page) from None
    except (errors.RevisionNotFoundError, errors.EntryNotFoundError):
        raise outdated(model) from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        address = str(error.response.request.url)
        listing = address.startswith(f"{constants.ENDPOINT}/api/")  # which is open to all, where there is one
        if isinstance(error, errors.RepositoryNotFoundError) or (listing and status in (401, 403, 404)):
            raise ModelError(
                f"there is no {page}, or only for some (HF_TOKEN tells who you are); see: rag models"
            ) from None
        if status in (401, 403) and address.startswith(page):  # not where the hub has sent us on to
            raise _gated(model, page) from None
        raise ModelError(f"{constants.ENDPOINT} answered {status}; try again later{kept}") from None
    except httpx2.HTTPError as error:
        raise HubUnreachable(
            f"no connection to {constants.ENDPOINT} ({error}); check the network or HF_ENDPOINT{kept}"
        ) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(f"the disk of {models_dir()} is full; make room{kept}") from None
        raise ModelError(f"can't write to {models_dir()}: {error.strerror}") from None


def outdated(model: KnownModel) -> ModelError:
    """Say that the hub doesn't have what the catalogue names."""
    return ModelError(
        f"{model.repository} has no {model.file} at {model.revision[:7]}: the catalogue is out of date; "
        "take another model, see: rag models"
    )


def _gated(model: KnownModel, page: str) -> ModelError:
    return ModelError(
        f"{model.name} is only given to those who accepted its licence ({model.licence}): do so at {page}, then set "
        "HF_TOKEN to a token from https://huggingface.co/settings/tokens"
    )
