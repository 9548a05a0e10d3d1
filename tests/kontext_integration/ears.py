"""An ear for everything that a process says: every logger at every level, with tracebacks, and warnings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=1)
        self.heard: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


@contextmanager
def listening() -> Iterator[Ear]:
    ear = Ear()
    every = [logging.root, *(each for each in logging.root.manager.loggerDict.values() if hasattr(each, "handlers"))]
    before = [(logger, logger.level, logger.propagate) for logger in every]
    for logger in every:
        logger.setLevel(1)
        logger.propagate = False
        logger.addHandler(ear)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        try:
            yield ear
        finally:
            logging.captureWarnings(False)
            for logger, level, propagate in before:
                logger.removeHandler(ear)
                logger.setLevel(level)
                logger.propagate = propagate
