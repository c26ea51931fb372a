"""Loading a model without bars and reports: they go to stderr in an order that changes from run to run."""


def quiet_loading():
    """Tell transformers to print errors only. Missing weights, a new head for one, are then not reported: say so."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
